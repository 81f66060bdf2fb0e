/**
 * The port through which extensions look at a command before it runs. The kernel owns the port;
 * who stands behind it (actions, policies) is wired in `app`. A hook may refuse by throwing a
 * DomainError; it cannot change the input.
 */
import type { Context } from '#kernel/context.ts';

export type Hook = (ctx: Context, command: string, input: unknown) => Promise<void>;

export interface Hooks {
  /** Called outside the transaction, after authorisation and parsing. */
  before(ctx: Context, command: string, input: unknown): Promise<void>;
}

export function hooks(registered: readonly Hook[] = []): Hooks {
  return {
    async before(ctx, command, input) {
      for (const hook of registered) await hook(ctx, command, input);
    },
  };
}
