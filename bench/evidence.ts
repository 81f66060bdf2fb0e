/** What evidence costs: the audit log's tree, its verification, its export, its streams. Each case prints its own table. */
import { exported } from './evidence-export.ts';
import { streams } from './evidence-streams.ts';
import { tree } from './evidence-tree.ts';

const CASES = { tree, export: exported, streams } as const;

export interface EvidenceOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly events: number;
  /** One case; all of them when empty. */
  readonly only: string;
}

export async function evidence(options: EvidenceOptions): Promise<void> {
  for (const [name, run] of Object.entries(CASES))
    if (name.includes(options.only)) await run(options);
}
