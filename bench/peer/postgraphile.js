/** PostGraphile over the same tables: what a user might pick instead. No rights, no audit of its own. */
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';

const preset = {
  extends: [PostGraphileAmberPreset],
  // Plain lists instead of connections: the cheaper form.
  schema: { defaultBehavior: '-connection +list' },
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false },
  pgServices: [
    makePgService({
      schemas: ['public', 'bench'],
      connectionString: process.env.DATABASE_URL,
      poolConfig: { options: process.env.PGOPTIONS, max: 10 },
    }),
  ],
};

const instance = postgraphile(preset);
await instance.getSchema();
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), '127.0.0.1');
