/** The guarded client by which streams send: private addresses are refused at connect. One a process. */
import type { Config } from '#kernel/config.ts';
import { guardedOutbound, type Outbound } from '#kernel/outbound.ts';

const clients = new WeakMap<object, Outbound>();

export function outboundOf(config: Pick<Config, 'outboundPorts' | 'outboundAllow'>): Outbound {
  const known = clients.get(config) ?? guardedOutbound(config);
  clients.set(config, known);
  return known;
}
