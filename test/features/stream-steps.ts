/** Every command of log streams, once each, for the tests that want to see all that commands record. */
import { type MadeTenant, run } from '../kit/make.ts';

/** The event's type, the mutation, its input, and ids of what it is about. */
export type Step = [string, string, object, (string | RegExp)[]];

export async function streamSteps(tenant: MadeTenant): Promise<Step[]> {
  const settings = { url: 'https://127.0.0.1/never' };
  const receiver = { name: 'New', kind: 'STANDARD_WEBHOOKS', settings };
  const { logStream: stream } = await run<{ logStream: { id: string } }>(
    tenant,
    'createLogStream',
    'logStream { id }',
    receiver,
  );
  return [
    ['log-stream.create', 'createLogStream', receiver, [/^logstream_/]],
    ['log-stream.update', 'updateLogStream', { ...stream, name: 'Renamed' }, [stream.id]],
    ['log-stream.pause', 'pauseLogStream', stream, [stream.id]],
    ['log-stream.resume', 'resumeLogStream', stream, [stream.id]],
    ['log-stream.rewind', 'rewindLogStream', { ...stream, leafIndex: 0 }, [stream.id]],
    ['log-stream.rotate-secret', 'rotateLogStreamSecret', stream, [stream.id]],
    ['log-stream.test', 'testLogStream', stream, [stream.id]],
    ['log-stream.replay-dead-letters', 'replayLogStreamDeadLetters', stream, [stream.id]],
    ['log-stream.discard-dead-letters', 'discardLogStreamDeadLetters', stream, [stream.id]],
    ['log-stream.delete', 'deleteLogStream', stream, [stream.id]],
  ];
}
