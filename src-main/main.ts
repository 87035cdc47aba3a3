import { app } from 'electron';
import { readArguments } from './shell/arguments.ts';
import { openBridge } from './shell/bridge.ts';
import { registerScheme } from './shell/protocol.ts';
import { Studio } from './shell/studio.ts';

// Electron's main process: one instance, one window. All work is the host's.

// In development the first argument is the folder of the app.
const after = app.isPackaged ? 1 : 2;
const userData = app.commandLine.getSwitchValue('user-data-dir');
if (userData) app.setPath('userData', userData);

if (!app.requestSingleInstanceLock()) app.quit();
else {
  registerScheme();
  const studio = new Studio(readArguments(process.argv.slice(after), process.cwd()));
  openBridge({
    page: () => studio.page,
    handlers: studio.handlers,
    begin: () => studio.begin(),
    send: (line, taken) => studio.send(line, taken),
    took: () => studio.took(),
  });
  app.on('second-instance', (_event, args, folder) => {
    const { file } = readArguments(args.slice(after), folder);
    studio.focus();
    if (file !== null) studio.openFile(file);
  });
  app.on('open-file', (event, file) => {
    event.preventDefault();
    studio.openFile(file);
  });
  app.on('activate', () => studio.focus());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  void app.whenReady().then(() => studio.show());
}
