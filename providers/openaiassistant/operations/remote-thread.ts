/** Where a thread's copy lives at a server. */
export interface RemotePath {
  url: string;
  headers: Record<string, string>;
  wire: 'responses' | 'assistants';
}

/** Undefined of copies at other servers, and on wires that keep none. A place is `host/wire`. */
export function pathOfRemote(place: string, remoteId: string, host: string): RemotePath | undefined {
  const id = encodeURIComponent(remoteId);
  if (place === `${host}/responses`) return { url: `/conversations/${id}`, headers: {}, wire: 'responses' };
  if (place === `${host}/assistants`)
    return { url: `/threads/${id}`, headers: { 'OpenAI-Beta': 'assistants=v2' }, wire: 'assistants' };
  return undefined;
}
