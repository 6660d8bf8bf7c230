export { alarmNotice, alarmNotices } from './alarmNotice.ts';
export { Bot } from './bot.ts';
export { breakGlassNotice, breakGlassWording } from './breakGlassWords.ts';
export { ClinicianBot } from './clinicianBot.ts';
export type { BotApi } from './command.ts';
export { identityNotices } from './identityNotice.ts';
export { oversightNotice } from './oversightNotice.ts';
export { retentionNotice } from './retention.ts';
