/** Before all tests: the template that every test's database is a copy of. */
import { makeTemplate } from './homes.ts';

export async function setup(): Promise<void> {
  await makeTemplate();
}
