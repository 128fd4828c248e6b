import { banner } from './banner';
import { cellFailures } from './cell-failures';
import { connection } from './connection';
import { guide } from './guide';
import { incident } from './incident';
import { newIncident } from './new-incident';
import { promqlEditor } from './promql';
import { reportExport } from './report-export';
import { reportOpen } from './report-open';
import { signIn } from './sign-in';
import { status } from './status';
import { stop } from './stop';
import { tutorial } from './tutorial';
import { untrusted } from './untrusted';

export * from './tokens';
export type { ICatalog, IHealth, IPlan, ISession, ISource } from './proxy-api';

export default [
  connection,
  status,
  signIn,
  cellFailures,
  banner,
  incident,
  newIncident,
  tutorial,
  guide,
  promqlEditor,
  stop,
  untrusted,
  reportExport,
  reportOpen
];
