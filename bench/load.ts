/** The load maker as its user sees it: one job at a time, in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { LoadJob, LoadResult } from './load-worker.ts';

export interface LoadMaker {
  run(job: LoadJob): Promise<LoadResult>;
  stop(): Promise<void>;
}

export function startLoadMaker(): LoadMaker {
  const child = fork(new URL('./load-worker.ts', import.meta.url).pathname, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    async run(job) {
      const answered = once(child, 'message');
      child.send(job);
      const [answer] = (await answered) as [{ result?: LoadResult; failure?: string }];
      if (!answer.result) throw new Error(`the load of ${job.url} failed: ${answer.failure}`);
      return answer.result;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
