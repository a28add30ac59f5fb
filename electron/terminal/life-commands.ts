/** The terminal's commands about whole sites and the end of life. */
import { type Command, Option } from 'commander'
import { LEAVE_REASON_NAMES, REVOCATION_REASON_NAMES } from '../contract/decommission'
import {
  decommission,
  decommissionCertificate,
  decommissionClose,
  decommissionList,
  revocationCertificates,
  revocationExport,
  revocationList,
  revocationRevoke,
} from './end-commands'
import { collect, onSite, seconds, udn, udns } from './options'
import {
  deviceDescribe,
  deviceLabel,
  groupList,
  groupRemove,
  groupSave,
  planApply,
  planCancel,
  planCompare,
  planExport,
  planImport,
  planScan,
} from './plan-commands'

const wait = (command: Command): Command =>
  command.option('--seconds <n>', 'how long to wait for devices', seconds, 10)

/** Puts them into the program. */
export const addLifeCommands = (program: Command): void => {
  addPlan(program)
  addGroups(program)
  addDevices(program)
  addEnd(program)
}

const addPlan = (program: Command): void => {
  const plan = program.command('plan').description('the plan of the site, beside what is there')
  onSite(plan.command('import <file>').description('take a CSV file as the plan'), 'supervisor')
    .option('--add', 'add to the plan')
    .action(planImport)
  onSite(plan.command('scan <file>').description('add what a scanner read, a label or serial number a line'))
    .option('--group <name>', 'group of what is added')
    .action(planScan)
  wait(onSite(plan.command('export').description('CSV, as it can be imported'), 'viewer'))
    .addOption(
      new Option('--from <what>', 'the plan, or the site as it is').choices(['plan', 'site']).default('plan'),
    )
    .option('--out <file>', 'default: stdout')
    .action(planExport)
  wait(
    onSite(plan.command('compare').description('present, different, missing, unexpected'), 'viewer'),
  ).action(planCompare)
  wait(onSite(plan.command('apply').description('make the difference go away')))
    .option('--dry-run', 'only say what would be done')
    .action(planApply)
  onSite(plan.command('cancel').description('call off what applying the plan still waits for')).action(
    planCancel,
  )
}

const addGroups = (program: Command): void => {
  const group = program.command('group').description('groups and their configuration')
  onSite(group.command('list'), 'viewer').action(groupList)
  onSite(group.command('save <name>').description('make it, or change what is named'), 'supervisor')
    .option('--value <Name=value>', 'repeat for several', collect)
    .option('--parent <name>', 'group that it lies in; its values count here too')
    .action(groupSave)
  onSite(group.command('remove <name>').description('one without members'), 'supervisor').action(groupRemove)
}

const addDevices = (program: Command): void => {
  const device = program.command('device').description('what people call devices')
  onSite(device.command('describe').description('name, place and note; an empty text takes one away'))
    .requiredOption('--udn <udn>', 'device', udn)
    .option('--name <text>')
    .option('--place <text>')
    .option('--note <text>')
    .action(deviceDescribe)
  onSite(device.command('label').description('is the label on the device that blinks its own?'))
    .requiredOption('--udn <udn>', 'device that blinks', udn)
    .requiredOption('--text <text>', 'what the scanner read')
    .action(deviceLabel)
}

const addEnd = (program: Command): void => {
  const end = program.command('decommission').description('take devices out of the site for good')
  wait(onSite(end.command('run').description('revoke, wipe, prove, certify'), 'supervisor'))
    .requiredOption('--udn <udn>', 'device; repeat for several', udns)
    .addOption(new Option('--reason <reason>').choices([...LEAVE_REASON_NAMES]).default('retired'))
    .option('--idevid', 'also keep the factory identity out of this site')
    .option('--note <text>', 'for the record')
    .option('--confirm <words>', 'the words that the preview asks for; without them nothing is done')
    .action(decommission)
  onSite(end.command('list').description('newest first'), 'viewer').action(decommissionList)
  onSite(end.command('close').description('end one that can never be proven'), 'supervisor')
    .requiredOption('--udn <udn>', 'device', udn)
    .requiredOption('--note <text>', 'why, for the record')
    .requiredOption('--confirm <words>', 'CLOSE and the serial number of the device')
    .action(decommissionClose)
  onSite(end.command('certificate').description('write the certificate of decommissioning'), 'viewer')
    .requiredOption('--udn <udn>', 'device', udn)
    .requiredOption('--out <file>', '.pdf, .json, or .zip with its signature')
    .action(decommissionCertificate)
  const revocation = program.command('revocation').description('certificates that count no more')
  onSite(revocation.command('list').description('the list as it is published'), 'viewer').action(
    revocationList,
  )
  onSite(revocation.command('certificates').description('what this site has issued'), 'viewer')
    .option('--search <text>', 'in name, UDN and the serial number of the certificate')
    .action(revocationCertificates)
  onSite(revocation.command('revoke <serial>').description('one certificate, at once'), 'supervisor')
    .addOption(
      new Option('--reason <reason>').choices([...REVOCATION_REASON_NAMES]).default('privilege-withdrawn'),
    )
    .requiredOption('--confirm <words>', 'REVOKE and the last eight digits of the serial number')
    .action(revocationRevoke)
  onSite(revocation.command('export').description('the list as a file'), 'viewer')
    .requiredOption('--out <file>', '.pem, or DER as .crl')
    .action(revocationExport)
}
