import { DomainError } from '#kernel/errors.ts';

export class LogStreamNotFound extends DomainError {
  static override readonly code = 'LOG_STREAM_NOT_FOUND';
  static override readonly status = 404;
  constructor() {
    super('There is no log stream with this id');
  }
}

export class TooManyLogStreams extends DomainError {
  static override readonly code = 'TOO_MANY_LOG_STREAMS';
  static override readonly status = 409;
  constructor(most: number) {
    super(`A tenant has at most ${most} log streams; delete one first`);
  }
}
