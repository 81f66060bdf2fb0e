/**
 * Where a stream stands. What a subscription yields may carry a position: the door writes it as the
 * `id:` of the server-sent event, and who lost the connection goes on after it (`Last-Event-ID`).
 */

export class Positioned<T> {
  readonly position: string;
  /** Undefined: nothing to show, but what came before this needs no repeating. */
  readonly value: T | undefined;

  constructor(position: string, value?: T) {
    this.position = position;
    this.value = value;
  }
}
