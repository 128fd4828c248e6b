import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { ConnectionModel } from './connection-model';
import { ProxyApi } from './proxy-api';
import { CommandIDs, ICasebookConnection } from './tokens';

const PLUGIN_ID = 'casebook:connection';

/**
 * Keeps the session with the proxy, and says how it stands.
 */
export const connection: JupyterFrontEndPlugin<ICasebookConnection> = {
  id: PLUGIN_ID,
  description: 'Keeps the session with casebook-proxy, and says how it stands.',
  autoStart: true,
  optional: [ISettingRegistry],
  provides: ICasebookConnection,
  activate: async (
    app: JupyterFrontEnd,
    settings: ISettingRegistry | null
  ): Promise<ICasebookConnection> => {
    const model = new ConnectionModel({
      api: new ProxyApi({ origin: window.location.origin }),
      interval: await pollInterval(settings)
    });
    app.commands.addCommand(CommandIDs.refreshConnection, {
      label: 'Ask the Proxy Again',
      caption: 'Ask casebook-proxy who is signed in and how each source is',
      execute: () => model.refresh(),
      describedBy: { args: { type: 'object', properties: {} } }
    });
    // A page that was hidden, or a machine that slept, may have missed the end of its session.
    const refresh = (): void => {
      if (document.visibilityState === 'visible') {
        void model.refresh();
      }
    };
    document.addEventListener('visibilitychange', refresh);
    window.addEventListener('online', refresh);
    void model.start();
    return model;
  }
};

/**
 * Read how often to ask, in milliseconds.
 */
async function pollInterval(registry: ISettingRegistry | null): Promise<number | undefined> {
  try {
    const settings = await registry?.load(PLUGIN_ID);
    const seconds = settings?.composite.pollSeconds;
    return typeof seconds === 'number' ? seconds * 1000 : undefined;
  } catch {
    // The page works without its settings.
    return undefined;
  }
}
