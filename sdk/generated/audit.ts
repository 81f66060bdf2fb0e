/** Printed from schema/ by codegen.ts. Do not edit. */
export * from '../src/audit/checkpoint.ts';
export * from '../src/audit/proofs.ts';
export * from '../src/audit/report.ts';
export * from '../src/audit/verify-export.ts';
