// The videos that the tests play, made once.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repository } from './paths.mjs';
import { run } from './program.mjs';

export const seconds = 21; // five whole segments and a short one
export const framesPerSecond = 30;
export const renditions = ['360p', '720p', '1080p'];

/**
 * The folder `videos` with the video "demo" in it: made on the first call, and again when the scripts that make it
 * changed. Kept in $PLAYHOUSE_TEST_CONTENT, else build/test-content; not to be written to.
 *
 * @returns {Promise<string>}
 */
export async function testVideos() {
    const root = process.env.PLAYHOUSE_TEST_CONTENT ?? path.join(repository, 'build', 'test-content');
    const storage = path.join(root, 'demo');
    mkdirSync(storage, { recursive: true });
    // Test files run at the same time: one makes the content, the others wait.
    const made = await run('flock', [path.join(root, '.lock'), process.execPath, thisFile, storage]);
    if (made.exitCode !== 0) throw new Error(`the test content could not be made: ${made.errors}`);
    return path.join(storage, 'videos');
}

const thisFile = new URL(import.meta.url).pathname;
const script = path.join(repository, 'deploy', 'make-sample-content.sh');
const args = ['--only', 'demo', '--seconds', String(seconds), '--renditions', renditions.join(',')];

function recipe() {
    const parts = path.join(repository, 'deploy', 'sample-content');
    const files = [script, ...readdirSync(parts).sort().map((name) => path.join(parts, name))];
    const digest = createHash('sha256').update(args.join(' '));
    for (const file of files) digest.update(readFileSync(file));
    return digest.digest('hex');
}

async function makeIn(storage) {
    const recipeFile = path.join(storage, 'recipe');
    const wanted = recipe();
    const isCurrent = existsSync(recipeFile) && readFileSync(recipeFile, 'utf8') === wanted;
    if (isCurrent && existsSync(path.join(storage, 'videos', 'demo'))) return;
    if (!isCurrent) rmSync(path.join(storage, 'videos'), { recursive: true, force: true });
    writeFileSync(recipeFile, wanted);
    const made = await run(script, args, { environment: { STORAGE_PATH: storage } });
    if (made.exitCode !== 0) throw new Error(made.errors || made.output.toString());
}

if (process.argv[1] === thisFile) await makeIn(process.argv[2]);
