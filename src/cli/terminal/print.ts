/** Writes to stdout, and resolves once its reader has it; to false when nobody reads any more, as behind `head`. */
export const print = (text: string): Promise<boolean> =>
  new Promise((resolve) => {
    process.stdout.write(text, (error) => resolve(!error));
  });
