/** Owns what an operator can set about text messages; part of the one shape in `config.ts`. */
import { hostPorts, read, secretText } from './config-values.ts';

const gateway = read((value) => {
  const url = URL.parse(value);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.hash)
    return undefined;
  return url.href;
}, 'must be a URL such as https://sms.example.com/messages, without user information');

export const smsShape = {
  smsUrl: gateway
    .optional()
    .describe(
      'Takes text messages: a POST of `{"to","text","id"}` as JSON. Absent: they are written to `DATA_DIR/sms`; in production there are none then.',
    ),
  smsToken: secretText(1)
    .optional()
    .describe('Sent to `SMS_URL` as `Authorization: Bearer`. Required with it.'),
  smsAllow: hostPorts
    .prefault('')
    .describe(
      'The `host:port` of `SMS_URL`, if it may be reached although it is private. Closed to URLs of tenants, unlike `OUTBOUND_ALLOW`, which counts too.',
    ),
};

type Given = { readonly [key in keyof typeof smsShape]?: string };

/** What is missing, one line each. */
export function smsContradictions({ smsUrl, smsToken }: Given): string[] {
  if (smsUrl && !smsToken) return ['SMS_TOKEN: must be set together with SMS_URL'];
  if (smsToken && !smsUrl) return ['SMS_URL: must be set together with SMS_TOKEN'];
  return [];
}
