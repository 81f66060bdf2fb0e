/** Every download, for the doors and for OpenAPI. */
import { auditExport } from '#features/audit/audit-export.ts';
import type { Download } from '#kernel/http/download.ts';

export const DOWNLOADS: readonly Download[] = [auditExport];
