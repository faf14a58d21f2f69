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
 * @param {'demo'|'long-demo'} kind  'long-demo' lasts longer than any player loads ahead
 * @returns {Promise<string>}
 */
export async function testVideos(kind = 'demo') {
    const root = process.env.PLAYHOUSE_TEST_CONTENT ?? path.join(repository, 'build', 'test-content');
    const storage = path.join(root, kind);
    mkdirSync(storage, { recursive: true });
    // Test files run at the same time: one makes the content, the others wait.
    const made = await run('flock', [path.join(root, '.lock'), process.execPath, thisFile, storage, kind]);
    if (made.exitCode !== 0) throw new Error(`the test content could not be made: ${made.errors}`);
    return path.join(storage, 'videos');
}

const thisFile = new URL(import.meta.url).pathname;
const script = path.join(repository, 'deploy', 'make-sample-content.sh');
const kinds = {
    demo: ['--only', 'demo', '--seconds', String(seconds), '--renditions', renditions.join(',')],
    'long-demo': ['--only', 'demo', '--seconds', '60', '--renditions', '360p,720p'],
};

function recipe(args) {
    const parts = path.join(repository, 'deploy', 'sample-content');
    const files = [
        script,
        ...readdirSync(parts)
            .sort()
            .map((name) => path.join(parts, name)),
    ];
    const digest = createHash('sha256').update(args.join(' '));
    for (const file of files) digest.update(readFileSync(file));
    return digest.digest('hex');
}

async function makeIn(storage, args) {
    const recipeFile = path.join(storage, 'recipe');
    const wanted = recipe(args);
    const isCurrent = existsSync(recipeFile) && readFileSync(recipeFile, 'utf8') === wanted;
    if (isCurrent && existsSync(path.join(storage, 'videos', 'demo'))) return;
    if (!isCurrent) rmSync(path.join(storage, 'videos'), { recursive: true, force: true });
    writeFileSync(recipeFile, wanted);
    const made = await run(script, args, { environment: { STORAGE_PATH: storage } });
    if (made.exitCode !== 0) throw new Error(made.errors || made.output.toString());
}

if (process.argv[1] === thisFile) await makeIn(process.argv[2], kinds[process.argv[3]]);
