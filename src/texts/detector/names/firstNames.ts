/** Common first names, without accents: those of @faker-js/faker 10.6.0 (MIT; English, Spanish), and frequent ones of the United States (SSA, public domain). */
export const FIRST_NAMES: ReadonlySet<string> = new Set(
  `
aaliyah aaron abagail abbey abbie abbigail abby abdiel abdul abdullah abe abel abelardo abigail abigale abigayle abner abraham abril ada
adah adalberto adaline adam adan addie addison adela adelbert adele adelia adeline adell adella adelle aditya adolf adolfo adolph adolphus
adonis adrain adrian adriana adrianna adriel adrien adrienne afton aglae agnes agustin agustina ahmad ahmed aida aidan aiden aileen aimee
aisha aiyana akeem alaina alan alana alanis alanna alayna alba albert alberta albertha alberto albin albina alda alden alec aleen alejandra
alejandrin alejandro alek alena alene alessandra alessandro alessia aletha alex alexa alexander alexandra alexandre alexandrea alexandria
alexandrine alexandro alexane alexanne alexie alexis alexys alexzander alf alfonso alfonzo alford alfred alfreda alfredo ali alia alice
alicia alisa alisha alison alivia aliya aliyah aliza alize allan allen allene allie allison ally alma alonzo alphonso alta althea alton alva
alvah alvena alvera alverta alvin alvina alvis alyce alycia alysa alysha alyson alyssa alysson amalia amanda amani amara amari amaya amber
ambrose amelia amelie amely america americo amie amina amir amira amiya amos amparo amy amya ana anabel anabelle anahi anais ananya
anastacio anastasia anderson andre andrea andreane andreanne andres andrew andy angel angela angelica angelina angeline angelita angelo
angie angus anh anibal anika anissa anita aniya aniyah anjali ann anna annabel annabell annabelle annalise annamae annamarie anne annetta
annette anni annie ansel ansley anthony antoinette antone antonetta antonette antonia antonietta antonina antonio antwan antwon anya april
ara araceli aracely arch archibald archie ardella arden ardith arely ari ariadna ariane arianna aric ariel arielle arjun arlene arlie arlo
armand armando armani arnaldo arne arno arnold arnoldo arnulfo aron art arthur arturo arvel arvid arvilla aryanna asa asha ashlee ashleigh
ashley ashly ashlynn ashton ashtyn asia assunta astrid athena aubree aubrey audie audra audreanne audrey august augusta augustine augustus
aurelia aurelie aurelio aurore austen austin austyn autumn ava avery avis axel ayana ayden ayesha ayla aylin baby bailee bailey bao barbara
barney baron barrett barry bart bartholome barton baylee beatrice beatriz beau beaulah becky belinda bell bella belle ben benedict benito
benjamin bennett bennie benny benton berenice bernadette bernadine bernard bernardo berneice bernhard bernice bernie berniece bernita berry
bert berta bertha bertram bertrand beryl bessie beth bethany bethel betsy bette bettie betty bettye beulah beverly bianka bill billie billy
birdie blair blaise blake blanca blanche blaze bob bobbie bobby bonita bonnie boris boyd brad braden bradford bradley bradly brady braeden
brain brandi brando brandon brandt brandy brandyn brannon branson brant braulio braxton brayan breana breanna breanne brenda brendan brenden
brendon brenna brennan brennon brent bret brett bria brian briana brianne brice bridget bridgette bridie brielle brigitte brionna brisa
britney brittany brock broderick brody brook brooke brooklyn brooks brown bruce bryan bryana bryant bryce brycen bryon buck bud buddy buford
bulah burdette burley burnice buster byron cade caden caesar caitlyn cale caleb caleigh cali calista callie calvin camden cameron camila
camilla camille camren camron camryn camylle candace candelario candice candida candido cara carey caridad carissa carl carla carlee carles
carleton carley carli carlie carlo carlos carlota carlotta carlton carmel carmela carmella carmelo carmen carmine carol carolanne carole
carolina caroline carolyn carolyne carrie carroll carson carter cary casandra casey casimer casimir casper cassandra cassandre cassidy
cassie catalina caterina catharine catherine cathrine cathryn cathy cayla ceasar cecelia cecil cecile cecilia cedric cedrick celestine
celestino celia celine cesar chad chadd chadrick chaim chance chandler chanel chanelle charity charlene charles charley charlie charlotte
chase chasity chauncey chaya chaz chelsea chelsey chelsie chen cheryl chesley chester chet cheyanne cheyenne chidi chloe chris christ
christa christelle christian christiana christie christina christine christop christophe christopher christy chyna ciara cicero cielo cierra
cindy citlalli clair claire clara clarabelle clare clarence clarissa clark claud claude claudia claudie claudine claudio clay clayton
clemens clement clemente clementina clementine clemmie cleo cleora cleta cletus cleve cleveland clifford clifton clint clinton clotilde
clovis cloyd clyde coby cody colby cole coleman colin colleen collin colt colten colton columbus concepcion conchita conner connie connor
conor conrad constance constantin consuelo cooper cora coralie corbin cordelia cordell cordia cordie corene corey corine cornelius cornell
corrine cortez cortney cory coty courtney coy craig crawford creola cristal cristian cristina cristobal cristopher cruz crystal crystel
cullen curt curtis cydney cynthia cyril cyrus dagmar dahlia daija daisha daisy dakota dale dallas dallin dalton damaris dameon damian damien
damion damon dan dana dandre dane dangelo danial daniel daniela daniella danielle danika dannie danny dante danyka daphne daphnee daphney
darby daren darian dariana darien darin dario darion darius darla darlene darnell daron darrel darrell darren darrick darrin darrion darron
darryl darwin daryl dashawn dasia dave david davin davion davon davonte dawn dawson dax dayana dayna dayne dayton dean deangelo deanna
debbie debora deborah debra declan dedric dedrick dee deepak deion deja dejah dejon dejuan delaney delbert delfina delia delilah dell della
delmer delores delpha delphia delphine delta demarco demarcus demario demetris demetrius demond dena denis denise dennis deon deondre
deontae deonte dereck derek derick deron derrick deshaun deshawn desiree desmond dessie destany destin destinee destiney destini destiny
devan devante deven devin devon devonte devyn dewayne dewey dewitt dexter diamond diana diane dianna dianne diego dillan dillon dimitri dina
dino dion dixie dmitri dock dolly dolores domenic domenica domenick domenico domingo dominic dominick dominique don donald donato donavon
dong donna donnell donnie donny dora dorcas doreen dorian doris dorotea dorothea dorothy dorris dortha dorthy doug douglas dovie doyle drake
drew duane dudley dulce duncan durward dustin dusty dwayne dwight dylan earl earlene earline earnest earnestine easter easton ebba ebony eda
edd eddie eden edgar edgardo edison edith edmond edmund edna eduardo edward edwardo edwin edwina edyth edythe effie efrain efren eileen
einar eino eladio elaina elaine elbert elda eldon eldora eldred eldridge eleanor eleanora eleanore eleazar electa elena elenor elenora
eleonore elfrieda eli elian eliane elias eliezer elijah elinor elinore elisa elisabeth elise eliseo elisha elissa eliza elizabeth ella ellen
ellie elliot elliott ellis ellsworth elmer elmira elmo elmore elna elnora elody eloisa eloise elouise eloy elroy elsa else elsie elta elton
elva elvera elvie elvira elvis elwin elwyn elyse elyssa elza emanuel emeka emelia emelie emely emerald emerson emery emie emil emile emilia
emiliano emilie emilio emily emma emmalee emmanuel emmanuelle emmet emmett emmie emmitt emmy emory ena enid enoch enola enos enrico enrique
ephraim era eriberto eric erica erich erick ericka erik erika erin erling erma erna ernest ernestina ernestine ernesto ernie ervin erwin
eryn esmeralda esperanza essie esta esteban estefania estel estela estell estella estelle ester estevan esther estrella etha ethan ethel
ethelyn ethyl ettie eudora eugene eugenia eula eulah eulalia euna eunice eusebio eva evalyn evan evangeline evans eve eveline evelyn
everardo everett everette evert evie ewald ewell ezekiel ezequiel ezra fabian fabiola fae faith fannie fanny farah fatima faustino fausto
favian fay faye federico felicia felicita felicity felipa felipe felix felton fermin fern fernando ferne fidel filiberto filomena finn fiona
flavie flavio fleta fletcher flo flora florence florencia florencio florian florida florine flossie floy floyd ford forest forrest foster
frances francesca francesco francis francisca francisco franco frank frankie franklin franz fred freda freddie freddy frederic frederick
frederik frederique fredrick fredy freeda freeman freida frida frieda friedrich fritz furman gabe gabriel gabriela gabriella gabrielle gael
gaetano gage gail gardner garett garfield garland garnet garnett garret garrett garrick garrison garry garth gary gaston gavin gayle gene
general genesis geneva genevieve gennaro genoveva geo geoffrey george georgette georgia georgiana georgianna geovanni geovanny geovany
gerald geraldine gerard gerardo gerda gerhard germaine german gerry gerson gertrude gia gianni gideon gilbert gilberto gilda giles gillian
gina ginger gino giovani giovanna giovanni giovanny gisselle giuseppe gladyce gladys glen glenda glenn glenna glennie gloria godfrey golda
golden gonzalo gordon grace gracie graciela grady graham grant granville grayce grayson green greg gregg gregoria gregorio gregory greta
gretchen greyson griffin grover guadalupe gudrun guido guillermina guillermo guiseppe gunnar gunner gus gussie gust gustave gustavo guy gwen
gwendolyn hadley hailee hailey hailie hal haleigh haley halie halle hallie hamza hank hanna hannah hans hardy harley harmon harmony harold
harriet harrison harry harvey haskell hassan hassie hattie haven hayden haylee hayley haylie hazel hazle heath heather heaven heber hector
heidi helen helena helene helga hellen helmer heloise henderson henri henrietta henriette henry herbert herman hermann hermenegildo hermina
herminia herminio hernan hershel herta hertha hester hettie hilario hilbert hilda hildegard hillard hillary hilma hilton hipolito hiram
hiroshi hobart holden hollie hollis holly homer homero hope horace horacio hortense hosea houston howard howell hoyt hubert hudson hugh hugo
hulda humberto hunter hussein hyman ian ibrahim icie ida idell idella ignacio ignatius ike iker ila ilene iliana ima imani imelda immanuel
imogene ines inez ira irene iris irma irvin irving irwin isaac isabel isabela isabell isabella isabelle isac isadore isai isaiah isaias
isidro ismael isobel isom israel issac itzel iva ivah ivan ivanna ivory ivy izabella izaiah jabari jace jacey jacinthe jacinto jack
jackeline jackie jacklyn jackson jacky jaclyn jacob jacobo jacqueline jacquelyn jacques jacynthe jada jade jaden jadon jadyn jaeden jaida
jaiden jailyn jaime jairo jakayla jake jakob jaleel jalen jalon jalyn jamaal jamal jamar jamarcus jamel james jameson jamey jamie jamil
jamir jamison jammie jan jana janae jane janelle janessa janet janice janick janie janis janiya jannie jany jaquan jaquelin jaqueline jared
jaren jarod jaron jarred jarrell jarret jarrett jarrod jarvis jasen jasmin jasmine jason jasper jaunita javier javon javonte jay jayce
jaycee jayda jayde jayden jaydon jaylan jaylen jaylin jaylon jayme jayne jayson jazlyn jazmin jazmyn jazmyne jean jeanette jeanie jeanne
jeannette jeannie jed jedediah jedidiah jeff jefferey jeffery jeffrey jeffry jena jenifer jenna jennie jennifer jennings jenny jennyfer
jensen jerad jerald jeramie jeramy jerel jeremiah jeremie jeremy jermain jermaine jermey jerod jerome jeromy jeronimo jerrell jerrod jerrold
jerry jess jesse jessica jessie jessika jessy jessyca jesus jett jettie jevon jewel jewell jill jillian jim jimena jimmie jimmy jin joan
joana joanie joann joanna joanne joannie joanny joany joaquin jocelyn jodi jodie jody joe joel joelle joesph joey johan johann johanna
johathan john johnathan johnathon johnnie johnny johnpaul johnson jolie jon jonas jonatan jonathan jonathon jordan jordane jordi jordon
jordy jordyn jorge jose josefa josefina josep joseph josephine josh joshua joshuah josiah josiane josianne josie josue jovan jovani jovanny
jovany joy joyce juan juana juanita judah judd jude judge judith judson judy jules julia julian juliana julianne julie julien juliet julieta
julio julius june junior junius justen justice justin justina justine juston justus justyn juvenal juwan kacey kaci kacie kade kaden kadin
kaela kaelyn kaia kailee kailey kailyn kaitlin kaitlyn kale kaleb kaleigh kaley kali kallie kameron kamille kamren kamron kamryn kane kara
kareem karelle karen kari kariane karianne karina karine karl karla karlee karley karli karlie karolann karson kasandra kasey kassandra
katarina kate katelin katelyn katelynn katharina katherine katheryn kathleen kathlyn kathryn kathryne kathy katie katlyn katlynn katrina
katrine kattie kavita kavon kay kaya kaycee kayden kayla kaylah kaylee kayleigh kayley kayli kaylie kaylin keagan keanu keara keaton keegan
keeley keely keenan keira keisha keith kellen kelley kelli kellie kelly kelsi kelsie kelton kelvin ken kendall kendra kendrick kenna kennedi
kennedy kenneth kennith kenny kent kenton kenya kenyatta kenyon keon kerry keshaun keshawn keven kevin kevon keyon keyshawn khalid khalil
kian kiana kianna kiara kiarra kiel kiera kieran kiley kim kimberly king kip kira kirk kirsten kirstin kitty kobe koby kody kofi kolby kole
korbin korey kory kraig kris krista kristen kristi kristian kristie kristin kristina kristine kristofer kristoffer kristopher kristy krystal
krystel krystina kumar kurt kurtis kyla kyle kylee kyleigh kyler kylie kyra lacey lacy ladarius lafayette laila laisha lakshmi lamar lambert
lamont lana lance landen lane laney larissa laron larry larue latoya laura laurel lauren laurence lauretta lauriane laurianne laurie laurine
laury lauryn lavada lavern laverna laverne lavina lavinia lavon lavonne lawrence lawson layla layne lazaro lea leah leann leanna leanne
leatha leda lee leif leigh leila leilani lela lelah leland lelia lempi lemuel lena lenna lennie lenny lenora lenore leo leola leon leona
leonard leonardo leone leonel leonie leonor leonora leopold leopoldo leora lera leroy lesley leslie lesly lessie lester leta letha leticia
letitia levi lew lewis lexi lexie lexus lia liam liana libbie libby lila lilia lilian liliana liliane lilla lillian lilliana lillie lilly
lily lilyan lina lincoln linda lindsay lindsey linh linnea linnie linwood lionel lisa lisandro lisette litzy liza lizbeth lizeth lizzie
llewellyn lloyd logan lois lola lolita loma lon london lonie lonnie lonny lonzo lora loraine loren lorena lorene lorenz lorenza lorenzo
loretta lori lorine lorna lorraine lottie lou louie louis louisa louise lourdes louvenia lowell loy loyal loyce lucas lucia luciano lucie
lucienne lucile lucille lucinda lucio lucious lucius lucy ludie ludwig lue luella luigi luis luisa lukas luke lula lulu luna lupe lura
lurline luther luz lyda lydia lyla lyle lynda lynette lynn lynne lyric lysanne mabel mabelle mable mac macey maci macie mack mackenzie macy
madaline madalyn maddison madeline madelyn madelynn madge madie madilyn madisen madison madisyn madonna madyson mae maegan maeve mafalda
magali magdalen magdalena maggie magnolia magnus maia maica maida maiya major makayla makenna makenzie malachi malcolm malik malika malinda
mallie mallory malvina mamie mandy manley manuel manuela mara marc marcel marcela marcelina marcelino marcella marcelle marcellus marcelo
marcia marco marcos marcus margaret margarete margarett margaretta margarette margarita marge margie margot margret marguerite maria mariah
mariam marian mariana mariane marianna marianne mariano maribel maricarmen marie mariela marielle marietta marilie marilou marilu marilyn
marilyne marina mario marion marisa marisol maritza marjolaine marjorie marjory mark markus marlee marlen marlene marley marlin marlon
marques marquis marquise marsha marshall marta martha martin martina martine marty marvin mary maryam maryann maryjane maryse mason mateo
mathew mathias mathilde matias matilda matilde matt matteo matthew mattie maud maude maudie maureen maurice mauricio maurine maverick mavis
max maxie maxime maximilian maximiliano maximillia maximillian maximo maximus maxine maxwell may maya maybell maybelle maye maymie maynard
mayra mayte mazie mckayla mckenna mckenzie meagan meaghan meda megan megane meggie meghan mei mekhi melanie melany melba melinda melisa
melissa mellie melody melvin melvina melyna melyssa mercedes meredith merl merle merlin merritt mertie mervin meta mia micaela micah michael
michaela michale micheal michel michele michelle miguel mikayla mike mikel milan mildred miles milford miller millie milo milton mina mindy
minerva minh minnie miracle miranda mireille mireya miriam misael missouri misty mitchel mitchell mittie modesta modesto mohamed mohammad
mohammed moises mollie molly mona monica monique monroe monserrat monserrate montana monte monty morgan moriah morris mortimer morton mose
moses moshe mossie mozell mozelle muhammad muriel murl murphy murray mustafa mya myah mylene myles myra myriam myrl myrna myron myrtice
myrtie myrtis myrtle nadia nadine nakia name nancy nannie naomi naomie napoleon narciso nash nasir nat natalia natalie natasha nathan
nathanael nathanial nathaniel nathen nayeli neal ned nedra neha neil nelda nella nelle nellie nels nelson neoma nestor nettie neva newell
newton ngozi nguyen nia nicholas nicholaus nichole nick nicklaus nickolas nico nicola nicolas nicole nicolette nigel nikita nikki nikko niko
nikolas nils nina noah noble noe noel noelia noemi noemie noemy nola nolan nona nora norbert norberto norene norma norman norris norval
norwood nova novella nya nyah nyasia obie oceane ocie octavia octavio oda odell odessa odie ofelia okey oksana ola olaf ole olen oleta olga
olin olive oliver olivia ollie oma omar omari omer ona onie opal ophelia ora oral oran oren orie orin orion orland orlando orlo orpha orrin
orval orville osbaldo osborne oscar osvaldo oswald oswaldo otha otho otilia otis ottilie ottis otto ova owen ozella pablo paige palma pam
pamela pansy paola paolo paris parker parvati pascale pasquale pat patience patricia patricio patrick patsy patti pattie patty paul paula
paulette paulina pauline paxton payton pearl pearlie pearline pedro peggie peggy penelope penny percival percy perry pete peter petra peyton
phil philip phillip phoebe phyllis pierce pierre pietro pilar pink pinkie pio piper polly porter precious presley preston price prince
princess priscilla priya providenci prudence queen queenie quentin quincy quinn quinten quinton rachael rachel rachelle rae raegan rafael
rafaela raheem rahsaan rahul raina raj raleigh ralph ramiro ramon ramona randal randall randi randolph randy ransom raoul raphael raphaelle
raquel rashad rashawn rasheed rashid raul raven ravi ray raymond raymundo reagan reanna reba rebeca rebecca rebeka rebekah reece reed reese
regan reggie regina reginald reid reilly reina reinhold remington renata rene renee ressie reta retha retta reuben reva rex rey reyes
reymundo reyna reynold rhea rhett rhianna rhiannon rhoda rhonda ricardo richard richie richmond rick rickey rickie ricky rico rigoberto
riley rita river robb robbie robert roberta roberto robin robyn rochelle rocio rocky rod roderick rodger rodney rodolfo rodrick rodrigo roel
rogelio roger rogers roland rolando rollin roma romaine roman ron ronald ronaldo ronnie ronny roosevelt rory rosa rosalee rosalia rosalie
rosalind rosalinda rosalyn rosamond rosanna rosario roscoe rose rosella roselyn rosemarie rosemary rosendo roser rosetta rosie rosina roslyn
ross rossie rowan rowena rowland roxane roxanne roy royal royce rozella ruben rubie ruby rubye rudolph rudy rufus rupert russ russel russell
rusty ruth ruthe ruthie ryan ryann ryder rylan rylee ryleigh ryley sabina sabrina sabryna sadie sadye sage saige sallie sally salma salvador
salvatore sam samanta samantha samara samir sammie sammy samson samuel sancho sandra sandrine sandy sanford sanjay santa santiago santina
santino santos sara sarah sarai sarina sasha saul savanah savanna savannah savion scarlett schuyler scot scott scottie scotty seamus sean
sebastian sedrick selena selina selmer serena serenity sergi sergio seth shad shaina shakira shana shane shanel shanelle shania shanice
shanie shaniya shanna shannon shanny shanon shany shari sharon shaun shawn shawna shaylee shayna shayne shea sheila sheldon shelia shelley
shelly shemar sheri sheridan sherman sherri sherry sherwood sheryl shirley shyann shyanne sibyl sid siddharth sidney sienna sierra sigmund
sigrid sigurd silas silvia sim simeon simon simone sincere sister skye skyla skylar sofia soledad solon sonia sonja sonny sonya sophia
sophie spencer stacey stacy stan stanford stanley stanton stefan stefanie stella stephan stephania stephanie stephany stephen stephon
sterling steve steven stevie stewart stone stuart sue summer sunita sunny susan susana susanna susie suzanne sven svetlana syble sydnee
sydney sydni sydnie sylvan sylvester sylvia tabitha tad tadeo talia talon tamara tami tamia tammy tania tanner tanya tara tariq taryn tasha
tate tatiana tatum tatyana taurean tavares taya taylor teagan ted telly teodoro terence teresa teri terrance terrell terrence terri terrill
terry tess tessie tevin thad thaddeus thalia thanh thea thelma theo theodora theodore theresa therese theresia theron thomas thora thurman
tia tiana tianna tiara tierra tiffany tillman tim timmothy timmy timoteo timothy tina tito titus tobin toby tod todd tom tomas tomasa tommie
tommy toney toni tony tonya torey torrance torrey toy trace tracey traci tracy travis travon tre tremaine tremayne trent trenton tressa
tressie treva trever trevion trevor trey tricia trinity trisha tristian tristin triston troy trudie trung trycia trystan turner twila tyler
tyra tyree tyreek tyrel tyrell tyrese tyrique tyrone tyshawn tyson ubaldo uchenna ulices ulises una unique urban uriah uriel ursula vada
valentin valentina valentine valeria valerie vallie van vance vanessa vaughn veda velda vella velma velva vena vera verda verdie vergie
verla verlie vern verna verner vernice vernie vernon verona veronica vesta vicenta vicente vicki vickie vicky victor victoria vida vidal
vikram vilma vince vincent vincenza vincenzo vinnie viola violet violette virgie virgil virginia virginie vita vito viva vivian viviane
vivianne vivien vivienne vladimir wade waino waldo walker wallace walter walton wanda ward warren watson wava waylon wayne webster wei
weldon wellington wendell wendy werner wesley westley weston whitney wilber wilbert wilbur wilburn wiley wilford wilfred wilfredo wilfrid
wilhelm wilhelmine will willa willard william willie willis willow willy wilma wilmer wilson wilton winfield winifred winnifred winona
winston woodrow wyatt wyman xander xavier xiao ximena xochitl xzavier yadira yamileth yaretzi yasmeen yasmin yasmine yazmin yesenia yessenia
yolanda yoshiko yuki yusuf yvette yvonne zachariah zachary zachery zack zackary zackery zainab zakary zander zane zaria zechariah zelda
zella zelma zena zetta zhang zion zita zoe zoey zoie zoila zola zora zula
`
    .trim()
    .split(/\s+/),
);
