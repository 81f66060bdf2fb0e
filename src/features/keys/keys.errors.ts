import { DomainError } from '#kernel/errors.ts';

export class TooManySigningKeys extends DomainError {
  static override readonly code = 'TOO_MANY_SIGNING_KEYS';
  static override readonly status = 409;
  constructor(most: number, alg: string) {
    super(
      `${most} earlier ${alg} keys are still good for verification; wait until one is retired, or retire them all with retireNow`,
    );
  }
}
