import { ServerConnection } from '@jupyterlab/services';
import type { Contents } from '@jupyterlab/services';

const NOT_FOUND = 404;

/**
 * Tell whether there is a file.
 *
 * @throws what the storage says when it cannot be read: that is no word on the file, which must not be written over.
 */
export async function exists(contents: Contents.IManager, path: string): Promise<boolean> {
  try {
    await contents.get(path, { content: false });
    return true;
  } catch (error) {
    if (error instanceof ServerConnection.ResponseError && error.response.status === NOT_FOUND) {
      return false;
    }
    throw error;
  }
}
