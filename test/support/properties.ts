import fc from 'fast-check';

/** The same cases in every run, so that a change fails by what it changed; FUZZ_SEED=random looks for new ones. */
const { FUZZ_SEED } = process.env;
if (FUZZ_SEED !== 'random') fc.configureGlobal({ seed: Number(FUZZ_SEED ?? 20_261_121) });

export { fc };
