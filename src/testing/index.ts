/** `threadline/testing`: a context to run a provider with, and the contract that every provider is held to, in any test runner. */

export { StoredJournal } from '../journal/stored-journal.ts';
export { RunThreads } from '../run/run-threads.ts';
export { type TestHost, type TestStep, testContext, testStep } from './provider-context.ts';
export { type ProviderFailure, type ProviderTest, type SentRequest, testProvider } from './provider-contract.ts';
