/** The printed OpenAPI documents: what they say of toy routes, and that linters accept them. */
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, it } from 'vitest';
import { loadOperations } from '#graphql/operations.ts';
import { type OpenApiOptions, openApi } from '#graphql/rest/openapi.ts';
import { ERRORS, OPERATIONS, widgetSchema } from './widgets.ts';

