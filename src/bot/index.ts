export { alarmNotices } from './alarmNotice.ts';
export { Bot } from './bot.ts';
export { identityNotices } from './identityNotice.ts';
