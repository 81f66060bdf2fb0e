/**
 * The newcomer's documents are true: the README's walk is run against a live server and answers what
 * is shown, what it names exists, its table is the configuration's, and the guide's changes apply and
 * compile. In what is shown, `...` stands for anything.
 */
import { execFile, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withConfigTable } from '../../src/app/config-table.ts';
import { callerOf } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { type Block, blocksOf, escaped, missingLine, sectionOf, shownIn } from './shown-blocks.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string, root = ROOT) => fs.readFileSync(join(root, path), 'utf8');
const readme = read('README.md');
const guide = blocksOf(read('docs/guides/extend-the-api.md'));
const folder = fs.mkdtempSync(join(tmpdir(), 'signet-readme-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('the walk of five minutes', async () => {
  const house = await openHouse();
  const steps = ['### curl', '## Applications'].flatMap((heading) =>
    shownIn(sectionOf(readme, heading), 'sh'),
  );
  let answers: readonly string[] = [];
  let token = '';

  beforeAll(async () => {
    fs.mkdirSync(join(folder, '.data'));
    fs.writeFileSync(join(folder, '.data', 'internal-key'), `${house.internalKey}\n`);
    const script = steps.map(({ block }) => `${block.text}\nprintf '\\n${END}\\n'`).join('\n');
    const output = await run('bash', ['-c', script], { SIGNET: house.url });
    answers = output.split(`\n${END}\n`);
    token = answers.map((answer) => /^sgnt_\S+$/.exec(answer.trim())?.[0]).find(Boolean) ?? '';
  });

  test('has steps that show what comes of them', () => {
    expect(steps.filter(({ outcome }) => outcome !== null).length).toBeGreaterThan(6);
    expect(token).not.toBe('');
  });

  test.each(steps.map(({ block, outcome }, i) => [firstLine(block.text), outcome, i] as const))(
    'by curl: %s',
    (_, outcome, i) => {
      if (outcome !== null) expect(missingLine(outcome, answers[i] ?? '')).toBeNull();
      else expect(answers[i]).toBe('');
    },
  );

  test.each(
    shownIn(sectionOf(readme, '### GraphiQL'), 'graphql').map(
      ({ block, outcome }) => [firstLine(block.text), block.text, outcome] as const,
    ),
  )('by GraphiQL: %s', async (_, document, outcome) => {
    const caller = callerOf(house, { secret: token, door: 'public' });
    await caller.gql(document);
    // The README says to run the mutation twice; a query answers the same again.
    const { text } = await caller.gql(document);
    const answer = JSON.stringify(JSON.parse(text), null, 2);
    expect(missingLine(outcome ?? 'no outcome is shown', answer)).toBeNull();
  });

  test('by SDK', async () => {
    const [program] = shownIn(sectionOf(readme, '### SDK'), 'js');
    const source = join(ROOT, 'sdk/generated/sdk.ts');
    const text = program?.block.text.replace("'@signet/sdk'", JSON.stringify(source)) ?? '';
    const file = join(folder, 'walk.mjs');
    fs.writeFileSync(file, text);
    const printed = await run(process.execPath, [file], { SIGNET: house.url, TOKEN: token });
    expect(printed.trim()).toBe(program?.outcome?.trim());
  });

  function run(file: string, args: readonly string[], env: Record<string, string>) {
    return new Promise<string>((resolve, reject) => {
      const options = { cwd: folder, env: { PATH: process.env['PATH'], ...env } };
      execFile(file, args, options, (error, stdout, stderr) =>
        error ? reject(new Error(`${stdout}\n${stderr}`, { cause: error })) : resolve(stdout),
      );
    });
  }
});

test('the table of configuration is current (npm run print)', () => {
  expect(readme).toBe(withConfigTable(readme));
});

describe.each(documents())('%s', (path) => {
  const text = read(path);

  test('names files and folders that exist', () => {
    const named = [...text.matchAll(PATH)].map(([, found = '']) => found.replace(/[./]+$/, ''));
    const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, to = '']) =>
      join(dirname(path), to),
    );
    const wanted = [...named, ...links].filter((one) => !one.includes('*') && !IMAGINED.test(one));
    expect(wanted.filter((one) => !fs.existsSync(join(ROOT, one)))).toEqual([]);
  });

  test('names files of the tree by their names', () => {
    const names = [...text.matchAll(FILE_NAME)].map(([, name = '']) => name);
    expect(names.filter((name) => !IMAGINED.test(name) && !FILES.has(name))).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const unknown = [...text.matchAll(NPM_SCRIPT)].filter(([, name = '', ofSdk]) => {
      return !(name in scriptsOf(ofSdk ? 'sdk/package.json' : 'package.json'));
    });
    expect(unknown.map(([one]) => one)).toEqual([]);
  });

  test('links to headings that it has', () => {
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchor(heading));
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, to = '']) => to);
    expect(links.filter((to) => !headings.includes(to))).toEqual([]);
  });
});

test('the guide changes lines that are there, each of them once', () => {
  const changes = changesOf(guide);
  expect(changes.length).toBeGreaterThan(8);
  const broken = changes.filter(({ file, from }) => read(file).split(from).length !== 2);
  expect(broken).toEqual([]);
});

test('what the guide makes compiles', () => {
  const tree = join(folder, 'guide');
  for (const name of ['package.json', 'tsconfig.json', 'prisma', 'sdk', 'src', 'test'])
    fs.cpSync(join(ROOT, name), join(tree, name), { recursive: true });
  fs.symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  for (const { file, from, to } of changesOf(guide)) {
    const text = read(file, tree);
    fs.writeFileSync(join(tree, file), text.includes(to) ? text : text.split(from).join(to));
  }
  const files = guide.filter(({ language }) => language === 'ts');
  expect(files.length).toBeGreaterThan(5);
  for (const { before, text } of files) {
    const [name = ''] = [...before.matchAll(NEW_FILE)].map(([, path = '']) => path).slice(-1);
    const file = join(tree, name.includes('/') ? name : `src/features/labels/${name}`);
    fs.mkdirSync(dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  const compiler = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', tree, '--singleThreaded'];
  const { status, stdout } = spawnSync(process.execPath, compiler, { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, '']);
});

const END = '--- the next step ---';
const FOLDERS = ['prisma', 'src', 'schema', 'sdk', 'test', 'bench', 'docs', '.ci'];
const PATH = new RegExp(`(?<![\\w/.#-])((?:${FOLDERS.map(escaped).join('|')})/[\\w@./*-]*)`, 'g');
const FILE_NAME = /`([\w-]+(?:\.[\w-]+)*\.(?:ts|md|graphql|prisma))`/g;
const NPM_SCRIPT = /npm (?:run )?(test|start|(?<=run )[\w:]+)( -w @signet\/sdk)?/g;
/** What the guide makes. */
const IMAGINED = /labels|NNNN/;
const NEW_FILE = /`((?:[\w-]+\/)*labels\.\w+\.ts)`/g;
const FILES = new Set(
  ['prisma', 'src', 'test', 'docs'].flatMap((room) => below(room).map((path) => basename(path))),
);

function below(room: string): string[] {
  return fs.readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' });
}

function documents(): string[] {
  const pages = below('docs').filter((name) => name.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', ...pages.sort().map((name) => `docs/${name}`)];
}

/** What each change expects to find, and what it leaves. */
function changesOf(blocks: readonly Block[]) {
  return blocks.flatMap(({ language, before, text }) => {
    if (language !== 'diff') return [];
    const [file = ''] = [...before.matchAll(PATH)].map(([, path = '']) => path).slice(-1);
    const hunks = text.split('\n...\n').map((hunk) => hunk.split('\n'));
    return hunks.map((lines) => ({ file, from: without('+', lines), to: without('-', lines) }));
  });
}

function without(sign: string, lines: readonly string[]): string {
  const kept = lines.filter((line) => !line.startsWith(sign));
  return `\n${kept.map((line) => line.slice(1)).join('\n')}\n`;
}

function scriptsOf(file: string): Record<string, string> {
  return (JSON.parse(read(file)) as { scripts: Record<string, string> }).scripts;
}

function anchor(heading: string): string {
  const plain = heading.toLowerCase().replaceAll(/[^\w -]/g, '');
  return plain.replaceAll(' ', '-');
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
