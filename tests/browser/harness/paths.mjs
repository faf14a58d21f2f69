// Where things lie in the repository.
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/**
 * The playhouse program under test: $PLAYHOUSE_BINARY, else bin/playhouse of $PLAYHOUSE_BUILD, else the newest of
 * build/ci and build/release. Throws when there is none.
 */
export function playhouseBinary() {
    const { PLAYHOUSE_BINARY, PLAYHOUSE_BUILD } = process.env;
    if (PLAYHOUSE_BINARY) return path.resolve(PLAYHOUSE_BINARY);
    const builds = PLAYHOUSE_BUILD ? [path.resolve(PLAYHOUSE_BUILD)] : ['ci', 'release'].map(inBuild);
    const programs = builds.map((build) => path.join(build, 'bin', 'playhouse')).filter((file) => existsSync(file));
    if (programs.length === 0)
        throw new Error(`no playhouse in ${builds.join(' or ')}: build it, or name it in $PLAYHOUSE_BINARY`);
    return programs.sort((left, right) => statSync(right).mtimeMs - statSync(left).mtimeMs)[0];
}

function inBuild(preset) {
    return path.join(repository, 'build', preset);
}
