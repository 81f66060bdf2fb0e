/** Any gateway that takes a message as JSON, or a small program of the operator's before one that does not. */
import type { Outbound } from '#kernel/outbound.ts';
import { OutboundError } from '#kernel/outbound-addresses.ts';
import type { SmsProvider } from '#kernel/sms.ts';
import { SmsNotSent } from './sms-not-sent.ts';

interface Gateway {
  readonly url: string;
  readonly token: string;
}

export function httpSms({ url, token }: Gateway, outbound: Outbound): SmsProvider {
  return {
    async send({ to, text, id }) {
      const request = {
        method: 'POST' as const,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': id,
        },
        body: JSON.stringify({ to, text, id }),
        timeoutMs: 5_000,
        maxBytes: 64 * 1024,
      };
      const { status } = await outbound(url, request).catch((error: unknown) => {
        if (!(error instanceof OutboundError)) throw error;
        throw new SmsNotSent(`the gateway of SMS_URL was not reached: ${error.reason}`);
      });
      if (status < 200 || status > 299)
        throw new SmsNotSent(`the gateway of SMS_URL answered ${status}`);
    },
  };
}
