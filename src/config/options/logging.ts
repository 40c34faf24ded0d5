import { option, ourOption, unserved } from '../option.ts'
import { strings } from '../kinds/list.ts'
import { headerName } from '../kinds/network.ts'
import { boolean, integer } from '../kinds/scalar.ts'
import { enumeration, text } from '../kinds/text.ts'

/** Logs: one JSON object a line, on standard output. */
export const loggingOptions = {
  log_level: ourOption(enumeration(['debug', 'info', 'warn', 'error']), {
    default: 'info',
    help: 'The least severe events to log.',
  }),
  standard_logging: option(boolean, { default: true, help: 'Log what the service itself does.' }),
  auth_logging: option(boolean, {
    default: true,
    help: 'Log sign-ins, sign-outs and refusals.',
  }),
  request_logging: option(boolean, { default: true, help: 'Log each request.' }),
  silence_ping_logging: option(boolean, {
    default: false,
    help: 'Do not log requests of the probes.',
  }),
  exclude_logging_paths: option(strings, {
    flag: 'exclude-logging-path',
    default: [],
    help: 'Paths whose requests are not logged.',
  }),
  request_id_header: option(headerName, {
    default: 'X-Request-Id',
    help: 'Header that carries the request id of the gateway.',
  }),
  standard_logging_format: unserved(text, {
    default: '[{{.Timestamp}}] [{{.File}}] {{.Message}}',
    help: 'Template of log lines. Logs are JSON here.',
  }),
  auth_logging_format: unserved(text, {
    default:
      '{{.Client}} - {{.RequestID}} - {{.Username}} [{{.Timestamp}}] [{{.Status}}] {{.Message}}',
    help: 'Template of sign-in lines. Logs are JSON here.',
  }),
  request_logging_format: unserved(text, {
    default:
      '{{.Client}} - {{.RequestID}} - {{.Username}} [{{.Timestamp}}] {{.Host}} ' +
      '{{.RequestMethod}} {{.Upstream}} {{.RequestURI}} {{.Protocol}} {{.UserAgent}} ' +
      '{{.StatusCode}} {{.ResponseSize}} {{.RequestDuration}}',
    help: 'Template of request lines. Logs are JSON here.',
  }),
  errors_to_info_log: unserved(boolean, {
    default: false,
    help: 'Where errors go. All lines go to standard output here.',
  }),
  logging_local_time: unserved(boolean, {
    default: true,
    help: 'Local time or UTC. Times are UTC here.',
  }),
  logging_filename: unserved(text, { default: '', help: 'Log to a file.' }),
  logging_max_size: unserved(integer, { default: 100, help: 'Megabytes at which it rotates.' }),
  logging_max_age: unserved(integer, { default: 7, help: 'Days to keep rotated files.' }),
  logging_max_backups: unserved(integer, { default: 0, help: 'How many rotated files to keep.' }),
  logging_compress: unserved(boolean, { default: false, help: 'Compress rotated files.' }),
}
