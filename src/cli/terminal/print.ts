/** Writes to stdout; resolves when the reader has the text, to false if it has stopped reading, as `head` does. */
export const print = (text: string): Promise<boolean> =>
  new Promise((resolve) => {
    process.stdout.write(text, (error) => resolve(!error));
  });
