/**
 * The kinds of destinations: what each is told. Settings are kept readable; secrets are sealed, and
 * never read back.
 */
import type { z } from 'zod';
import { datadogSecrets, datadogSettings, openDatadog } from './datadog.connector.ts';
import type { Destination, DestinationKind } from './destination.ts';
import { httpSecrets, httpSettings, openHttp } from './http.connector.ts';
import { openS3, s3Secrets, s3Settings } from './s3.connector.ts';
import { openSplunk, splunkSecrets, splunkSettings } from './splunk.connector.ts';
import {
  openStandardWebhooks,
  webhookSecrets,
  webhookSettings,
} from './standard-webhooks.connector.ts';

interface Kind {
  readonly settings: z.ZodType;
  readonly secrets: z.ZodType;
  /** Throws `ZodError` for what the shapes do not take. */
  readonly open: (settings: unknown, secrets: unknown) => Destination;
}

export const DESTINATIONS: Readonly<Record<DestinationKind, Kind>> = {
  HTTP: kind(httpSettings, httpSecrets, openHttp),
  STANDARD_WEBHOOKS: kind(webhookSettings, webhookSecrets, openStandardWebhooks),
  S3: kind(s3Settings, s3Secrets, openS3),
  DATADOG: kind(datadogSettings, datadogSecrets, openDatadog),
  SPLUNK: kind(splunkSettings, splunkSecrets, openSplunk),
};

/** As stored and unsealed. Throws `ZodError` for what the shapes of that kind do not take. */
export function openDestination(
  name: DestinationKind,
  settings: unknown,
  secrets: unknown,
): Destination {
  return DESTINATIONS[name].open(settings, secrets);
}

function kind<S, K>(
  settings: z.ZodType<S>,
  secrets: z.ZodType<K>,
  open: (settings: S, secrets: K) => Destination,
): Kind {
  return {
    settings,
    secrets,
    open: (told, sealed) => open(settings.parse(told), secrets.parse(sealed)),
  };
}
