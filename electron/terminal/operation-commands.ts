/** The terminal's commands about operation: health, logs, tests, configuration, reports, bundles, accounts. */
import { type Command, Option } from 'commander'
import { ACCOUNT_ROLES } from '../contract/access'
import { CONFIGURATION_FORMATS } from '../contract/configuration'
import { LOG_FORMATS, SEVERITIES } from '../contract/device-log'
import { CHECK_TESTS } from '../contract/self-test'
import {
  accessAdd,
  accessIssue,
  accessList,
  accessRemove,
  auditExport,
  auditList,
  auditVerify,
} from './access-commands'
import { makeBundle } from './bundle-make-commands'
import { configApply, configDiff, configGet, configSet } from './config-commands'
import { healthWatch, testRun } from './health-commands'
import { logClear, logExport, logGet, logTail, logWrite } from './log-commands'
import { collect, onSite, seconds, udn, udns } from './options'
import { listReports, makeReport, reportVerify } from './report-commands'

const wait = (command: Command): Command =>
  command.option('--seconds <n>', 'how long to wait for the device', seconds, 10)
const severity = (): Option =>
  new Option('--severity <name>', 'this and worse').choices([...SEVERITIES]).default('debug')

const filtered = (command: Command): Command =>
  command
    .addOption(severity())
    .option('--since <utc>', 'such as 2026-03-01T00:00:00Z')
    .option('--until <utc>', 'such as 2026-03-02T00:00:00Z')
    .option('--text <text>', 'somewhere in the record')

/** Puts them into the program. */
export const addOperationCommands = (program: Command): void => {
  addHealth(program)
  addLog(program)
  addConfig(program)
  addReports(program)
  addAccess(program)
}

const addHealth = (program: Command): void => {
  const health = program.command('health').description('how devices are')
  onSite(health.command('watch').description('a line for each report until SIGTERM or Ctrl+C'), 'viewer')
    .option('--udn <udn>', 'device; repeat for several (default: all of the site)', udns)
    .option('--seconds <n>', 'end after so long', seconds)
    .action(healthWatch)
  const test = program.command('test').description('self-tests of devices')
  wait(onSite(test.command('run').description('the guided health check, or some of its tests')))
    .requiredOption('--udn <udn>', 'device; repeat for several', udns)
    .addOption(
      new Option('--test <name>', `repeat for several (default: all): ${CHECK_TESTS.join(', ')}`).argParser(
        (text, before?: readonly string[]) => collect(text, before),
      ),
    )
    .option('--host <host>', 'for ping and path (default: this controller)')
    .option('--dns-name <name>', 'for dns; without it that test is left out')
    .option('--dns-server <address>', 'for dns (default: the device’s own)')
    .option('--bytes <n>', 'for throughput')
    .action(testRun)
}

const addLog = (program: Command): void => {
  const log = program.command('log').description('the logs of devices')
  filtered(wait(onSite(log.command('get').description('fetch what is new, then print what is stored'))))
    .requiredOption('--udn <udn>', 'device; repeat for several', udns)
    .option('--limit <n>', 'newest records to print', '1000')
    .option('--stored', 'print only what is stored already')
    .action(logGet)
  wait(onSite(log.command('tail').description('print records as they come until SIGTERM or Ctrl+C')))
    .requiredOption('--udn <udn>', 'device; repeat for several', udns)
    .option('--for <n>', 'end after so many seconds', seconds)
    .action(logTail)
  wait(onSite(log.command('clear').description('fetch, then clear on the device what is stored here')))
    .requiredOption('--udn <udn>', 'device; repeat for several', udns)
    .action(logClear)
  wait(onSite(log.command('write').description('the device writes its log to the storage plugged in there')))
    .requiredOption('--udn <udn>', 'device', udn)
    .requiredOption('--name <name>', 'file name there')
    .action(logWrite)
  filtered(onSite(log.command('export').description('write what is stored'), 'viewer'))
    .option('--udn <udn>', 'device; repeat for several (default: all)', udns)
    .addOption(new Option('--format <format>').choices([...LOG_FORMATS]).default('jsonl'))
    .option('--out <file>', 'default: stdout')
    .action(logExport)
}

const addConfig = (program: Command): void => {
  const config = program.command('config').description('the configuration of devices')
  wait(onSite(config.command('get').description('what devices run'), 'viewer'))
    .requiredOption('--udn <udn>', 'device; repeat for several', udns)
    .addOption(new Option('--format <format>', 'as a file').choices([...CONFIGURATION_FORMATS]))
    .option('--out <file>', 'default: stdout')
    .action(configGet)
  wait(onSite(config.command('set').description('all of the values on each device, or none')))
    .requiredOption('--udn <udn>', 'device; repeat for several', udns)
    .requiredOption('--value <Name=value>', 'repeat for several', collect)
    .action(configSet)
  wait(onSite(config.command('diff').description('what differs from the template of the group')))
    .requiredOption('--udn <udn>', 'device; repeat for several', udns)
    .action(configDiff)
  wait(onSite(config.command('apply').description('apply the template of the group, or a file')))
    .option('--udn <udn>', 'device; repeat for several', udns)
    .option('--file <file>', 'CSV or YAML as `config get` writes it')
    .option('--dry-run', 'only say what would change')
    .action(configApply)
}

const addAccess = (program: Command): void => {
  const access = program
    .command('access')
    .description('accounts of the site, and certificates for other programs')
  onSite(access.command('list').description('accounts and their roles'), 'viewer').action(accessList)
  onSite(
    access.command('add <name>').description('its PIN or passphrase comes from IOTMC_NEW_PIN'),
    'supervisor',
  )
    .addOption(
      new Option('--role <role>', 'the first has to be a supervisor')
        .choices([...ACCOUNT_ROLES])
        .makeOptionMandatory(),
    )
    .action(accessAdd)
  onSite(access.command('remove <name>'), 'supervisor').action(accessRemove)
  onSite(
    access.command('issue').description('key and certificate for another program of this site'),
    'supervisor',
  )
    .addOption(
      new Option('--role <role>', 'what devices let it do').choices(['Basic', 'Admin']).makeOptionMandatory(),
    )
    .requiredOption('--name <name>', 'name in the certificate')
    .requiredOption('--days <n>', 'how long it is valid')
    .requiredOption('--out <folder>', 'gets key.pem and chain.pem')
    .action(accessIssue)
  const audit = program.command('audit').description('who did what')
  onSite(audit.command('list').description('newest last'), 'viewer')
    .option('--limit <n>', 'lines', '100')
    .action(auditList)
  onSite(audit.command('verify').description('find any change of it'), 'viewer').action(auditVerify)
  onSite(audit.command('export').description('JSON Lines'), 'supervisor')
    .option('--out <file>', 'default: stdout')
    .action(auditExport)
}

const addReports = (program: Command): void => {
  const report = program.command('report').description('hand-over reports')
  wait(onSite(report.command('make').description('make, sign and number the next one')))
    .option('--customer <text>', 'whom it is for', '')
    .option('--place <text>', 'where the site is', '')
    .option('--notes-file <file>', 'text for people')
    .addOption(new Option('--language <language>').choices(['en', 'de']).default('en'))
    .option('--udn <udn>', 'device; repeat for several (default: all of the site)', udns)
    .option('--out <file>', '.zip with everything and its signature, or .pdf, .csv, .json')
    .action(makeReport)
  onSite(report.command('list').description('those that were made'), 'viewer').action(listReports)
  report
    .command('verify <file>')
    .description('judge a report, a ZIP or a folder; needs nothing of the site')
    .option('--ca <file>', 'certificate of the site’s authority, PEM')
    .option('--fingerprint <hex>', 'or its SHA-256, as the site told you')
    .option('--crl <file>', 'revocation list of the site, PEM; repeat for several', collect)
    .option('--previous <file>', 'the report before, to check the chain')
    .option('--json', 'one JSON object a line')
    .action(reportVerify)
  const bundle = program.command('bundle').description('archives for whoever has to find a fault')
  wait(onSite(bundle.command('make').description('logs, health, configuration, certificates; no secrets')))
    .option('--udn <udn>', 'device; repeat for several', udns)
    .option('--site', 'every device of the site')
    .option('--app', 'this program alone')
    .option('--out <file>', 'default: in the working folder')
    .action(makeBundle)
}
