export { printWorksheet } from './worksheet.ts';
