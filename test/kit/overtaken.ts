/** What comes between a command's first look and its transaction. */
import type { Context } from '#kernel/context.ts';

/** In this context `between` happens before the first transaction opens. */
export function overtaken(ctx: Context, between: () => Promise<unknown>): Context {
  let first = true;
  const transaction: Context['db']['transaction'] = async (...given) => {
    if (first) {
      first = false;
      await between();
    }
    return ctx.db.transaction(...given);
  };
  return { ...ctx, db: { ...ctx.db, transaction } };
}
