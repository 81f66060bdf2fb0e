/** One violation of each wall of biome.json, and imports that the walls must let through. */

export interface Plant {
  readonly wall: string;
  readonly file: string;
  readonly text: string;
  /** Rules that must complain about the file, each once or more; none for what is allowed. */
  readonly rules: readonly string[];
}

const IMPORT = 'lint/style/noRestrictedImports';

const imports = (wall: string, file: string, from: string): Plant => ({
  wall,
  file,
  text: `import { it } from '${from}';\n\nexport const kept = [it];\n`,
  rules: [IMPORT],
});
const allowed = (file: string, from: string): Plant => ({
  ...imports(`${file} may import ${from}`, file, from),
  rules: [],
});

const kernel = 'src/kernel';
const graphql = 'src/graphql';
const users = 'src/features/users';

export const PLANTS: readonly Plant[] = [
  {
    wall: 'kernel takes no type from a feature',
    file: `${kernel}/type-of-feature.ts`,
    text: `import type { It } from '#features/users/users.model.ts';\n\nexport type Kept = It;\n`,
    rules: [IMPORT],
  },
  {
    wall: 'kernel loads no feature later',
    file: `${kernel}/dynamic.ts`,
    text: `export const load = () => import('#features/users/users.model.ts');\n`,
    rules: [IMPORT],
  },
  {
    wall: 'kernel hands nothing of a feature on',
    file: `${kernel}/re-export.ts`,
    text: `export { it } from '#features/users/users.model.ts';\n`,
    rules: [IMPORT, 'lint/performance/noBarrelFile'],
  },
  imports('kernel knows no graphql room', `${kernel}/room.ts`, '#graphql/builder.ts'),
  imports('kernel knows no protocol', `${kernel}/protocol.ts`, '#protocols/oidc/token.ts'),
  imports('kernel speaks no GraphQL', `${kernel}/language.ts`, 'graphql'),
  imports('kernel builds no GraphQL', `${kernel}/pothos.ts`, '@pothos/core'),
  imports('nobody climbs out of kernel', `${kernel}/climbs.ts`, '../graphql/builder.ts'),
  imports('nobody climbs within a room', `${kernel}/db/climbs.ts`, '../ids.ts'),
  imports('graphql knows no feature', `${graphql}/feature.ts`, '#features/users/users.model.ts'),
  imports('graphql knows no protocol', `${graphql}/protocol.ts`, '#protocols/oidc/token.ts'),
  imports('features do not climb', `${users}/climbs.ts`, '../groups/groups.model.ts'),
  imports('a command knows no builder', `${users}/builder.commands.ts`, '#graphql/builder.ts'),
  imports('a command knows not its face', `${users}/face.commands.ts`, './users.graphql.ts'),
  imports('a query speaks no GraphQL', `${users}/language.queries.ts`, 'graphql'),
  imports('a command builds no GraphQL', `${users}/pothos.commands.ts`, '@pothos/core'),
  imports(
    'a command calls no protocol',
    `${users}/protocol.commands.ts`,
    '#protocols/oidc/token.ts',
  ),
  imports(
    "no feature opens another's store",
    `${users}/store.queries.ts`,
    '#features/groups/groups.store.ts',
  ),
  imports(
    "no feature runs another's jobs",
    `${users}/jobs.commands.ts`,
    '#features/groups/groups.jobs.ts',
  ),
  imports(
    "no command knows another's face",
    `${users}/other.commands.ts`,
    '#features/groups/groups.graphql.ts',
  ),
  imports('a face calls no protocol', `${users}/protocol.graphql.ts`, '#protocols/oidc/token.ts'),
  imports(
    "a face imports no other's face",
    `${users}/face.graphql.ts`,
    '#features/groups/groups.graphql.ts',
  ),
  imports(
    "a face opens no other's store",
    `${users}/store.graphql.ts`,
    '#features/groups/groups.store.ts',
  ),
  imports('a protocol knows no builder', 'src/protocols/oidc/builder.ts', '#graphql/builder.ts'),
  imports(
    'a protocol knows no resolver',
    'src/protocols/oidc/face.ts',
    '#features/users/users.graphql.ts',
  ),
  imports('a protocol speaks no GraphQL', 'src/protocols/oidc/language.ts', 'graphql'),
  imports('app does not climb', 'src/app/climbs.ts', '../kernel/ids.ts'),
  imports('kernel imports no test', `${kernel}/tests.ts`, '#test/kit/house.ts'),
  imports('features import no test', `${users}/tests.commands.ts`, '#test/kit/house.ts'),
  imports('app imports no test', 'src/app/tests.ts', '../../test/kit/house.ts'),
  imports('the SDK does not know the program', 'sdk/src/program.ts', '#kernel/ids.ts'),
  imports('the SDK does not climb to it', 'sdk/src/climbs.ts', '../../src/kernel/ids.ts'),
  imports('the SDK knows no printer', 'sdk/src/printer.ts', '../codegen/contract.ts'),
  {
    wall: 'no cycle at run time',
    file: `${kernel}/cycle-one.ts`,
    text: `import { two } from './cycle-two.ts';\n\nexport const one = () => two;\n`,
    rules: ['lint/suspicious/noImportCycles'],
  },
  {
    wall: 'no cycle at run time, seen from its other end',
    file: `${kernel}/cycle-two.ts`,
    text: `import { one } from './cycle-one.ts';\n\nexport const two = () => one;\n`,
    rules: ['lint/suspicious/noImportCycles'],
  },
  {
    wall: 'no promise is left alone',
    file: `${kernel}/floating.ts`,
    text: `async function work(): Promise<number> {\n  return 1;\n}\n\nexport function start(): void {\n  work();\n}\n`,
    rules: ['lint/nursery/noFloatingPromises'],
  },
  {
    wall: 'no default export',
    file: `${kernel}/default-export.ts`,
    text: 'export default 1;\n',
    rules: ['lint/style/noDefaultExport'],
  },
  {
    wall: 'no barrel',
    file: `${users}/barrel.ts`,
    text: "export * from './users.model.ts';\n",
    rules: ['lint/performance/noBarrelFile', 'lint/performance/noReExportAll'],
  },
  {
    wall: 'kebab-case file names',
    file: `${kernel}/camelCase.ts`,
    text: 'export const kept = 1;\n',
    rules: ['lint/style/useFilenamingConvention'],
  },
  {
    wall: 'no file of more than 250 lines',
    file: `${kernel}/long-file.ts`,
    text: Array.from({ length: 251 }, (_, n) => `export const line${n} = ${n};\n`).join(''),
    rules: ['lint/style/noExcessiveLinesPerFile'],
  },
  {
    wall: 'no function of more than 50 lines',
    file: `${kernel}/long-function.ts`,
    text: `export function long(given: number): number {\n  let sum = given;\n${'  sum += 1;\n'.repeat(51)}  return sum;\n}\n`,
    rules: ['lint/complexity/noExcessiveLinesPerFunction'],
  },
  {
    wall: 'no any',
    file: `${kernel}/anything.ts`,
    text: 'export const kept = (value: any) => [value];\n',
    rules: ['lint/suspicious/noExplicitAny'],
  },
  allowed(`${kernel}/inner.ts`, '#kernel/ids.ts'),
  allowed(`${kernel}/db/inner.ts`, './query.ts'),
  allowed(`${graphql}/inner.ts`, '#kernel/ids.ts'),
  allowed(`${users}/inner.commands.ts`, './users.model.ts'),
  allowed(`${users}/policy.commands.ts`, '#features/groups/groups.policy.ts'),
  allowed(`${users}/queries.commands.ts`, '#features/groups/groups.queries.ts'),
  allowed(`${users}/inner.graphql.ts`, '#graphql/builder.ts'),
  allowed(`${users}/pothos.graphql.ts`, '@pothos/core'),
  allowed(`${users}/store.commands.ts`, './users.store.ts'),
  allowed('src/protocols/oidc/inner.ts', '#features/users/users.commands.ts'),
  allowed('src/app/inner.ts', '#protocols/oidc/token.ts'),
  allowed('src/app/face.ts', '#features/users/users.graphql.ts'),
  allowed('sdk/src/inner.ts', './generated.ts'),
  allowed('sdk/src/printed.ts', '../generated/operations.ts'),
];
