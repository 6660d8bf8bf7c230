/** First names and what their bearers are called, in groups: any of a group may stand for another. */
const GROUPS = `
william will bill billy willy liam
robert rob bob bobby robbie bert
richard rick rich dick ricky
james jim jimmy jamie jem
john jack johnny jon
joseph joe joey jose pepe
michael mike mikey mick miguel
david dave davey
daniel dan danny
thomas tom tommy
charles charlie chuck chas carlos
christopher chris kit topher
matthew matt matty
anthony tony antonio
steven stephen steve stevie
edward ed eddie ted teddy ned eduardo lalo
andrew andy drew andres
joshua josh
kenneth ken kenny
timothy tim timmy
ronald ron ronnie
jeffrey jeff geoff
nicholas nick nico nicky nicolas
jonathan jon nathan
samuel sam sammy
benjamin ben benny benji
gregory greg
alexander alex al sandy xander alejandro
patrick pat paddy
lawrence larry laurie
gerald jerry gerry
peter pete pedro
henry hank harry
frederick fred freddy
francis frank francisco paco pancho
albert al bert alberto beto
raymond ray ramon
eugene gene
leonard leo len lenny
philip phil felipe
douglas doug
donald don donnie
walter walt wally
zachary zach zack
jacob jake
theodore ted theo teddy
vincent vince vinny
margaret maggie meg peg peggy marge greta rita margarita
elizabeth liz beth betty eliza lisa libby bess ellie isabel elisa
katherine catherine kathryn kate katie kathy cathy kat kay kitty catalina
patricia pat patty tricia trish
jennifer jen jenny
barbara barb barbie babs
susan sue susie suzy susana
jessica jess jessie
sarah sara sally sadie
deborah debra deb debbie
rebecca becky becca
dorothy dot dottie dolly
victoria vicky tori
christine christina chris tina chrissy cristina
stephanie steph
cynthia cindy
pamela pam
sandra sandy
theresa teresa terry tess tere
judith judy
jacqueline jackie
alexandra alex sandra lexi alexa
samantha sam sammy
abigail abby gail
amanda mandy
melissa missy mel
michelle shelly
kimberly kim
gabriella gabrielle gabby
isabella bella izzy isabel
josephine josie jo
madeline maddie
natalie nat
nancy nan
florence flo
frances fran francie
helen nell nelly elena
virginia ginny
martha marty
mary molly polly maria marie
guadalupe lupe lupita
dolores lola
concepcion concha conchita
rosario charo
ignacio nacho
jesus chuy
enrique quique henry
manuel manny manolo
fernando nando
`
  .trim()
  .split('\n')
  .map((line) => line.split(' '));

const CALLED: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  [...new Set(GROUPS.flat())].map((name) => [name, new Set(GROUPS.filter((group) => group.includes(name)).flat())]),
);
const NOTHING: ReadonlySet<string> = new Set();

/** What somebody with this first name may be called beside it; lower case. */
export const calledBy = (name: string): ReadonlySet<string> => CALLED.get(name) ?? NOTHING;
