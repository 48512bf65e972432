/** A file that a client uploaded. */
export interface StoredFile {
  id: string;
  filename: string;
  purpose: string;
  bytes: Buffer;
  createdAt: number;
  expiresAt: number | undefined;
}

/** A file that an answer created. */
export interface ContainerFile {
  id: string;
  containerId: string;
  bytes: Buffer;
}
