// The peer: register, login and profile on PostgreSQL, one process a core. Environment: PORT, DATABASE_URL, JWT_SECRET,
// WORKERS. Its tables are its own (peer_accounts), made at the start.
import cluster from 'node:cluster';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import jwt from '@fastify/jwt';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import Fastify from 'fastify';
import pg from 'pg';

const argon = { algorithm: Algorithm.Argon2id, memoryCost: 19456, timeCost: 2, parallelism: 1 };
const workers = Number(process.env.WORKERS ?? availableParallelism());

const tables = `
    CREATE TABLE IF NOT EXISTS peer_accounts (
        id UUID PRIMARY KEY, email VARCHAR(255) NOT NULL UNIQUE, username VARCHAR(100) NOT NULL UNIQUE,
        password_hash VARCHAR(255) NOT NULL, role VARCHAR(20) NOT NULL, tier VARCHAR(50) NOT NULL,
        created_at TIMESTAMP NOT NULL, last_login_at TIMESTAMP);
    CREATE TABLE IF NOT EXISTS peer_sessions (
        id UUID PRIMARY KEY, user_id UUID NOT NULL REFERENCES peer_accounts (id), refresh_hash CHAR(64) NOT NULL,
        created_at TIMESTAMP NOT NULL)`;

const credentials = {
    type: 'object',
    required: ['email', 'password'],
    additionalProperties: false,
    properties: {
        email: { type: 'string', maxLength: 254 },
        username: { type: 'string', minLength: 3, maxLength: 32 },
        password: { type: 'string', minLength: 8, maxLength: 128 },
    },
};

const userSchema = {
    type: 'object',
    properties: {
        id: { type: 'string' },
        email: { type: 'string' },
        username: { type: 'string' },
        subscriptionTier: { type: 'string' },
        role: { type: 'string' },
        createdAt: { type: 'string' },
        lastLoginAt: { type: ['string', 'null'] },
    },
};
const profileSchema = { 200: { type: 'object', properties: { success: { type: 'boolean' }, data: userSchema } } };

const userOf = (row) => ({
    id: row.id,
    email: row.email,
    username: row.username,
    subscriptionTier: row.tier,
    role: row.role,
    createdAt: row.created_at.toISOString(),
    lastLoginAt: row.last_login_at?.toISOString() ?? null,
});

async function serve() {
    const app = Fastify({ logger: false });
    const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
    await app.register(jwt, {
        secret: process.env.JWT_SECRET,
        sign: { algorithm: 'HS256', expiresIn: '15m', iss: 'peer' },
        verify: { algorithms: ['HS256'], allowedIss: 'peer', cache: true },
    });
    const nobody = await hash(randomBytes(16).toString('hex'), argon);

    async function begin(row) {
        const refreshToken = randomBytes(32).toString('base64url');
        const session = randomUUID();
        await pool.query({
            name: 'begin',
            text: 'INSERT INTO peer_sessions (id, user_id, refresh_hash, created_at) VALUES ($1, $2, $3, now())',
            values: [session, row.id, createHash('sha256').update(refreshToken).digest('hex')],
        });
        const accessToken = app.jwt.sign({ sub: row.id, sid: session, name: row.username, roles: [row.role] });
        return { success: true, data: { accessToken, refreshToken, expiresIn: 900, user: userOf(row) } };
    }

    app.post('/auth/register', { schema: { body: credentials } }, async (request, reply) => {
        const { email, username, password } = request.body;
        const made = await pool.query({
            name: 'register',
            text: `INSERT INTO peer_accounts (id, email, username, password_hash, role, tier, created_at)
                   VALUES ($1, $2, $3, $4, 'viewer', 'free', now()) ON CONFLICT DO NOTHING RETURNING *`,
            values: [randomUUID(), email.toLowerCase(), username, await hash(password, argon)],
        });
        if (made.rowCount === 0) return reply.code(409).send({ success: false, error: { code: 'EMAIL_TAKEN' } });
        return reply.code(201).send(await begin(made.rows[0]));
    });

    app.post('/auth/login', { schema: { body: credentials } }, async (request, reply) => {
        const { email, password } = request.body;
        const found = await pool.query({
            name: 'login',
            text: 'SELECT * FROM peer_accounts WHERE email = $1',
            values: [email.toLowerCase()],
        });
        const row = found.rows[0];
        if (!(await verify(row?.password_hash ?? nobody, password)) || !row)
            return reply.code(401).send({ success: false, error: { code: 'INVALID_CREDENTIALS' } });
        return begin(row);
    });

    app.get(
        '/auth/profile',
        { schema: { response: profileSchema }, onRequest: (request) => request.jwtVerify() },
        async (request, reply) => {
            const found = await pool.query({
                name: 'profile',
                text: 'SELECT * FROM peer_accounts WHERE id = $1',
                values: [request.user.sub],
            });
            if (found.rowCount === 0) return reply.code(404).send({ success: false, error: { code: 'NOT_FOUND' } });
            return { success: true, data: userOf(found.rows[0]) };
        },
    );

    await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
}

if (cluster.isPrimary) {
    const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
    await client.connect();
    await client.query(tables);
    await client.end();
    for (let worker = 0; worker < workers; ++worker) cluster.fork();
    cluster.on('exit', () => process.exit(1));
    for (const signal of ['SIGINT', 'SIGTERM'])
        process.on(signal, () => {
            for (const worker of Object.values(cluster.workers)) worker.kill('SIGKILL');
            process.exit(0);
        });
} else {
    await serve();
}
