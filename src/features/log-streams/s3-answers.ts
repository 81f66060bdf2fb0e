/** What a store's answer to a PUT means. Of its body only a code out of this list is looked at. */
import { type Judgement, outcome, type StatusTable, type ToOutcome } from './receiver-answers.ts';

export const s3Outcome: ToOutcome = ({ status, headers, body }, { attemptAt }) => {
  if (status === 200) return { kind: 'delivered' };
  const code = /<Code>([A-Za-z]{1,60})<\/Code>/.exec(body.toString('latin1'))?.[1] ?? '';
  const known = CODES[code];
  const [kind, why] = known ?? STATUSES[status] ?? (['retry'] as const);
  const reason = known ? `${code}, ${why}` : why;
  return outcome(kind, status, headers, attemptAt, reason);
};

const STATUSES: StatusTable = {
  301: ['disabled', 'the bucket is not at this endpoint'],
  401: ['disabled', 'it does not know the access key'],
  403: ['disabled', 'the access key may not do this'],
  413: ['rejected', 'the object is too large for it'],
};

/** docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const CODES: Readonly<Record<string, readonly [Judgement, string]>> = {
  AccessDenied: ['disabled', 'the access key may not put this object'],
  AllAccessDisabled: ['disabled', 'the bucket was closed'],
  AccountProblem: ['disabled', 'the account has a problem'],
  AuthorizationHeaderMalformed: ['disabled', 'the bucket lies in another region'],
  EntityTooLarge: ['rejected', 'the object is too large for it'],
  IllegalLocationConstraintException: ['disabled', 'the bucket lies in another region'],
  InvalidAccessKeyId: ['disabled', 'the access key is not known'],
  InvalidBucketName: ['disabled', 'it takes no such bucket name'],
  NoSuchBucket: ['disabled', 'there is no such bucket'],
  NotSignedUp: ['disabled', 'the account may not use it'],
  PermanentRedirect: ['disabled', 'the bucket is not at this endpoint'],
  SignatureDoesNotMatch: ['disabled', 'the secret of the access key is wrong'],
  // Ours or its clock; or the line was slow. None of them is the batch's fault.
  BadDigest: ['retry', 'the object was damaged on its way'],
  RequestTimeTooSkewed: ['retry', 'our clock and its clock differ'],
  RequestTimeout: ['retry', 'the object did not arrive in time'],
  OperationAborted: ['retry', 'the bucket is being changed'],
  SlowDown: ['retry', 'it asks for fewer requests'],
};
