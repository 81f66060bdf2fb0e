/**
 * Owns how a text message leaves the process: by the operator's gateway or, for trying things out, as
 * a file for whoever runs the process. What is written in it belongs to the features.
 */
import type { Config } from '#kernel/config.ts';
import type { Log } from '#kernel/log.ts';
import { guardedOutbound, type Outbound } from '#kernel/outbound.ts';
import { fileSms } from './sms/file-sms.ts';
import { httpSms } from './sms/http-sms.ts';

export interface TextMessage {
  /** E.164: `+4915112345678`. */
  readonly to: string;
  readonly text: string;
  /** The same for every attempt to send this message. */
  readonly id: string;
}

export interface SmsProvider {
  /** Resolves when the message was taken over. Throws `SmsNotSent`. */
  send(message: TextMessage): Promise<void>;
}

type SmsConfig = Pick<
  Config,
  'smsUrl' | 'smsToken' | 'smsAllow' | 'outboundPorts' | 'outboundAllow' | 'dataDir' | 'nodeEnv'
>;

/** Null in production without a gateway: a code in a file reaches nobody. `outbound` is replaced by tests. */
export function createSms(
  config: SmsConfig,
  log: Log,
  outbound: Outbound = smsOutbound(config),
): SmsProvider | null {
  const { smsUrl: url, smsToken: token } = config;
  if (url && token) return httpSms({ url, token }, outbound);
  return config.nodeEnv === 'production' ? null : fileSms(config.dataDir, log);
}

/** SMS_ALLOW opens a private address to the gateway only; URLs of tenants go another way. */
function smsOutbound({ smsAllow, outboundAllow, outboundPorts }: SmsConfig): Outbound {
  return guardedOutbound({
    outboundPorts,
    outboundAllow: new Set([...outboundAllow, ...smsAllow]),
  });
}
