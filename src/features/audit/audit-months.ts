/**
 * Whole months (UTC) of the audit log. A UUIDv7 begins with its time, so a month is a range of ids, and
 * a partition that is named after it.
 */

export interface Month {
  /** `2026-01`. */
  readonly name: string;
  /** Its first day, as the database writes a date. */
  readonly day: string;
  readonly partition: string;
  /** Ids from `first` to below `end`, as `uuid7_floor` of migration 0002 has them. */
  readonly first: string;
  readonly end: string;
}

/** Null for what is no month. */
export function monthNamed(name: string): Month | null {
  const [, year, number] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name) ?? [];
  if (!year || !number) return null;
  const at = (months: number) => floorAt(Date.UTC(Number(year), Number(number) - 1 + months));
  return {
    name,
    day: `${name}-01`,
    partition: `audit_events_${year}_${number}`,
    first: at(0),
    end: at(1),
  };
}

/** The month of a moment. */
export function monthAt(moment: Date): Month {
  return monthNamed(moment.toISOString().slice(0, 7)) as Month;
}

/** Null for a partition that is no month's. */
export function monthOfPartition(partition: string): Month | null {
  const [, year, number] = /^audit_events_(\d{4})_(\d{2})$/.exec(partition) ?? [];
  return monthNamed(`${year}-${number}`);
}

function floorAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
