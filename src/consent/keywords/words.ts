/** The words that count as a whole message (reference: 47 CFR 64.1200(a)(10); the carriers' own lists; plain words of other languages). */

const list = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s*[,\n]\s*/u));

/** Named by the regulation or by carriers, and the words for it that leave no doubt. Without accents. */
export const STOP_WORDS = list(`
  STOP, QUIT, END, REVOKE, OPT OUT, OPTOUT, OPT ME OUT, CANCEL, UNSUBSCRIBE, UNSUB, STOPALL, STOP ALL, REMOVE, REMOVE ME, TD, UNENROLL, DISCONTINUE,
  STOPPED, STOPS, STOPPING, STOP IT, CANCEL ALL, END ALL, QUIT ALL,
  ALTO, BASTA, PARAR, PARE, PAREN, PARA, CANCELAR, CANCELE, CANCELA, FIN, DETENER, DETENGA, DETENGAN, DETENGANSE, BAJA, TERMINAR, SALIR, ANULAR, ELIMINAR,
  DESUSCRIBIR, DESUSCRIBIRME, DESUSCRIBIRSE, DARME DE BAJA, DEME DE BAJA, DAR DE BAJA, NO MAS, YA NO, YA NO MAS, YA BASTA, CANCELAR SUSCRIPCION,
  ARRET, ARRETE, ARRETER, ARRETEZ, DESABONNER, DESABONNEMENT, DESINSCRIRE, DESINSCRIPTION, ANNULER, FINIR,
  SAIR, REMOVER, DESCADASTRAR, DESCADASTRE, CANCELE, CHEGA,
  STOPP, HALT, ABMELDEN, ABBESTELLEN, AUFHOREN, AUFHOEREN, HOR AUF, HOREN SIE AUF, BEENDEN, KUNDIGEN, ENDE, SCHLUSS,
  FERMA, FERMATE, ANNULLA, CANCELLA, SMETTILA, SMETTETELA, DISISCRIVIMI,
  RETE, SISPANN, KANPE, ANILE, PA VOYE ANKO, SISPANN VOYE, KANSELE,
  NGUNG, NGUNG LAI, DUNG LAI, HUY DANG KY, HUY BO, TU CHOI,
  ITIGIL, TIGIL, TIGILAN, ITIGIL NA, TIGIL NA, TAMA NA, HINTO, IHINTO, HUMINTO, HUWAG NA, KANSELAHIN,
  JOOJI, JOOJIN, ZATRZYMAJ, PRZESTAN, PRZESTANCIE, REZYGNUJE, WYPISZ, NDAL, NDALO, BERHENTI, SIMAMISHA,
  СТОП, ХВАТИТ, ОТПИСАТЬСЯ, ОТПИСАТЬ, ОТПИСКА, ОТПИШИТЕ, ОТМЕНА, ОТМЕНИТЬ, ПРЕКРАТИТЬ, ПРЕКРАТИТЕ, ПЕРЕСТАНЬТЕ, ОСТАНОВИТЬ, ОСТАНОВИТЕ,
  ЗУПИНИТИ, ЗУПИНІТЬ, ПРИПИНІТЬ, ВІДПИСАТИСЯ, СКАСУВАТИ,
  ΣΤΟΠ, ΣΤΑΜΑΤΗΣΤΕ, ΤΕΛΟΣ,
  停止, 停, 停止發送, 停止发送, 退订, 退訂, 取消, 取消订阅, 取消訂閱, 拒收, 终止, 終止, 结束, 結束, 不要, 不要了,
  やめて, やめてください, 中止, 解除, 配信停止, ストップ,
  중지, 정지, 그만, 그만해, 그만하세요, 수신거부, 수신 거부, 취소, 멈춰, 멈춤, 스톱, 해지,
  توقف, قف, أوقف, اوقف, إيقاف, ايقاف, إلغاء, الغاء, كفى, لغو, بس, بند کریں, روکیں,
  रोकें, रोको, रुको, रुकें, बंद, बंद करो, बंद करें, बन्द, बन्द करें, স্টপ, বন্ধ, বন্ধ করুন, રોકો, બંધ, ਬੰਦ, ਰੋਕੋ, રોકો, நிறுத்து, ఆపు,
  STOP TEXT, STOP TEXTS, STOP SMS, STOP MSG, NO TEXT, NO TEXTS, NO SMS, NO MORE, SPAM, ENOUGH, BLOCK, DND, STFU, GO AWAY, SHUT UP, LEAVE ME ALONE
`);

/** With their marks: DUNG without them may be "stop" or "right", the marked word is only one of the two. */
export const STOP_WORDS_MARKED = list(`DỪNG, DỪNG LẠI, NGỪNG, NGƯNG, NGỪNG LẠI, HỦY, HUỶ, HỦY BỎ, HUỶ BỎ, THÔI, ĐỪNG`);
/** Read as stop only when it was typed without any mark. */
export const STOP_WORDS_UNMARKED = list(`DUNG, HUY, NGUNG`);

/**
 * Alone they are a stop; beside politeness they may speak of an appointment or of a treatment, so a person has to look.
 */
export const WEAK_STOP_WORDS = list(`
  CANCEL, END, QUIT, REMOVE, PARA, BAJA, CANCELAR, CANCELE, CANCELA, TERMINAR, SALIR, ANULAR, ELIMINAR, ANNULER, FINIR, SAIR, ENDE, RETE, HUY, DUNG, TD,
  BLOCK, SPAM, ENOUGH, HALT, FIN
`);

export const START_WORDS = list(`
  START, UNSTOP, SUBSCRIBE, RESUBSCRIBE, OPT IN, OPTIN, RESTART, COMENZAR, INICIAR, EMPEZAR, SUSCRIBIR, COMMENCER, KOMANSE, BAT DAU, СТАРТ, 开始, 開始, 시작
`);

export const HELP_WORDS = list(`
  HELP, INFO, AYUDA, INFORMACION, AIDE, AJUDA, HILFE, AIUTO, EDE, TULONG, TRO GIUP, POMOC, ПОМОЩЬ, ДОПОМОГА, 帮助, 幫助, ヘルプ, 도움말, مساعدة
`);

/** Politeness and emphasis around a keyword. */
export const FILLERS = list(`
  PLEASE, PLS, PLZ, PLEAS, PLEEASE, NOW, TODAY, THANKS, THANK, YOU, THX, TY, OK, OKAY, K, HI, HELLO, HEY, SIR, MAAM, IT, THIS, THAT, JUST, ALREADY, IMMEDIATELY, RIGHT, ASAP,
  FOREVER, ALL, EVERYTHING, YES, NO, I, SAID, SAY, AGAIN, U, DAMN, FUCK, FUCKING, SERIOUSLY, BYE, GUYS, DUDE, MAN, OMG, WTF, LOL,
  POR, FAVOR, PORFAVOR, GRACIAS, YA, SVP, MERCI, OBRIGADO, BITTE, DANKE, SOUPLE, MESI, PO, NA, NYO, NINYO, XIN, VUI, ПОЖАЛУЙСТА
`);

/** One letter from STOP and words of their own. */
export const NOT_MISSPELT: ReadonlySet<string> = list(`
  SUBSCRIBE, SUBSCRIBED, RESUBSCRIBE, DESCRIBE, STEP, STEPS, SHOP, TOP, SLOP, SOP, ATOP, STOW, STOUP, STOB, SWOP, STOA, ST, SETUP, SPOT, POST, CANDEL, PANCEL, CHANCEL, REVOLE, EVOKE, CANCER
`);

/** Words of one message that carriers or we act on: no template may ask a patient to answer with one. */
export const reservedWords: readonly string[] = [
  ...new Set([...STOP_WORDS, ...STOP_WORDS_MARKED, ...STOP_WORDS_UNMARKED, ...START_WORDS, ...HELP_WORDS, 'YES', 'SI']),
].sort();
