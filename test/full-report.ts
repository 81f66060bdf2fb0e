/** The end of `npm run test:full`: what each fault did to us, by its id. */
import type { Reporter, TestModule } from 'vitest/node';
import { printConformance } from './conformance-report.ts';
import type { FaultReport } from './operations/faults.ts';

export class FullReport implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    printConformance(tests);
    const lines = tests.flatMap((test) => {
      const { faults = [] } = test.meta() as { faults?: FaultReport[] };
      const passed = test.result().state === 'passed' ? 'ok  ' : 'FAIL';
      return faults.map((one) => ({ ...one, passed, test: test.fullName }));
    });
    if (lines.length === 0) return;
    console.log('\nFaults and races');
    for (const { fault, figures, passed, test } of lines.toSorted((a, b) =>
      compare(a.fault, b.fault),
    )) {
      const told = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
      console.log(`${passed}  ${fault.padEnd(4)} ${test}\n           ${told.join(' · ')}`);
    }
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
