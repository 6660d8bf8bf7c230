/**
 * Words that texts begin or write large without naming anybody, among them those that are names as well (`will`, `may`, `grace`): a name only
 * where more speaks for it.
 */
export const EVERYDAY: ReadonlySet<string> = new Set(
  `
a about above account across action add additional address after afternoon again ago ahead all allow almost along already also although always am amazing an and another answer any anybody anyone anything anytime anyway apologies app appointment appointments appreciate are area arrive arrived arriving as ask asked asking at attached available avenue away awesome
baby back bad bag bank banks be because become been before began begin behind being bell below berry best better between big bill billing birth bless blood blue book booked both bottom box break breakfast bring bringing broken brook brown building bus business busy but buy by bye
call called caller calling calls came can cancel canceled cancelled cannot car card cards care case center centre certainly chance change changed chart chase check checked checkin checking city clay clean clear clinic clock close closed closing coat code coffee cold come comes coming completed confirm confirmed confirming congrats congratulations contact copy correct cost could course court cream cross cup current
daily data date day days dear december deck department desk did different dinner directions do does doctor doctors documents doing done door double down downstairs drew drink drive driver drop dry due during
each earlier early easy eat either elevator else email emergency end enjoy enough enter entrance era evening ever every everybody everyone everything exactly exam except excuse expect extra
faith fall family far fax feel few field fields file fill final finally find fine finish first fit five floor follow following food for forget form forms forward found four frank free friday friend from front full fun further
gate gave gay get getting gift give given glad go god goes going gone good goodbye got grace grade great green group guess guest
had half hall hand happen happens happy hard has have having he head health hear heard heat hello help her here hers hey hi high hill him his hold holiday home hope hoping hospital hot hour hours house how however hunter hurry
i ice id if important in information inside instead insurance interpreter into invoice iris is issue it its ivy
january jay joy july june just
keep key kind kindly king know known
lab lady lake land lane large last late later lawn lead learn least leave leaving left less let lets letter level lily line link list little live lobby local location lock long longer look looking lost lot love low lunch
made mail main make making man many map march mark masks matter max may maybe me mean meantime meds meet meeting member memorial merry message messages met meta middle might mile miles mind minute minutes miss missed monday money month months more morning most move much must my myself myrtle
name near need needed needs never new news next nice night no nobody none noon north not note nothing notice november now number nurse
o'clock october of off office often oh ok okay old olive on once one online only open opening opens option or oral order other our out outside over own
page paper paperwork parents park parker parking part party pass past patience patient patients pay payment pearl penny people per perfect person personal pharmacy phone photo pick picture pink place plan please plus pm point policy porter portal possible practice prefer prep press pretty price prince private probably problem procedure process provider pull put
queen question questions quick quickly quiet quite
rain ramp ran rather reach read ready really reason received reception receptionist record red reed referral regarding regards register regular remember remind reminder reply request required reschedule rescheduled respond response rest results return returning rich ride right ring rob robin rock room rose round route royal ruby run running rusty
safe sage said sandy saturday saw say schedule scheduled school season seat second secure see seen send sending sent september service set seven several shall she short should show side sign signed simply since sincerely sir sit six sky slot small smile snow so some somebody someone something sometimes son soon sorry south speak spring staff stairs stand start started stay step still stone stop storm street strong such suite summer sun sunday sunny super support sure surgery survey system
take taken taking talk team tell ten test text texting texts than thank thanks that the their them then there these they thing things think third this those though three through thursday time times title to today together told tomorrow tonight too took top total touch toward traffic transfer trip true try trying tuesday turn turned two type
understand understood unfortunately unit unless until up update upon upstairs urgent us use used using usual
vacation valet van very via video view violet visit visitor visitors visits voicemail
wait waiting walk wallet want wanted ward warm was wash watch water way we wear weather website wednesday week weekend weekly weeks welcome well wells went were west what whatever wheelchair when where whether which while white who whole whose why wifi will window winter wish with within without wonderful woods word words work working would write wrong
yard year years yes yesterday yet you young your yours yourself zip zone
associates bay beach bridge buenos buenas cafe campus chapel church college community corner county creek desde dias downtown drug eagle east el entrada estimada estimado federal forest fort garden gracias grand harbor hola holy hotel institute island la las los lot mall market martin's medicaid medicare medical mercy metro mountain national noches ocean pacific palm plaza public river saint san santa school sea señora sierra specialists square st starbucks station su subway tardes tiene tower union university urgent usted valley village vista walgreens walmart cvs costco target uber lyft fedex usps ups zoom google apple android iphone facetime mychart wardroom english spanish american indian mexican chinese french german irish jewish christian catholic christmas easter thanksgiving halloween hanukkah ramadan memorial labor independence veterans presidents
mon tue tues wed thu thur thurs fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec am asap faq fyi tbd eta hr hrs min mins dr mr mrs ms prof rn np pa md do lpn cna er or icu ok aka np mo
que por para con una uno como cuando donde favor llame llamar cita citas mensaje hoy manana lunes martes miercoles jueves viernes sabado domingo oficina numero telefono puede tenemos estamos abierto cerrado horario nuestra nuestro responda enviar recuerde recordatorio traiga llegue minutos antes seguro tarjeta identificacion del
he she they his her ma pa ho hu le li ly do an so in to is be we me up it at he man son sun long day young price king little banks fields mason chance art bill mark hope grace joy lacy name nat norm ova pet rod rusty sky star temple west wilder
`
    .trim()
    .split(/\s+/),
);
