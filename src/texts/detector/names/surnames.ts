/** Common surnames, without accents: those of @faker-js/faker 10.6.0 (MIT; English, Spanish), and frequent ones of the United States (Census 2010, public domain). */
export const SURNAMES: ReadonlySet<string> = new Set(
  `
abbott abdi abernathy abeyta abrego abreu abshire acevedo acosta acuna adame adams adeyemi adorno agosto aguayo aguilar aguilera aguirre
ahmed alanis alaniz alarcon alba alcala alcantar alcaraz alejandro aleman alexander alfaro ali alicea allen almanza almaraz almonte alonso
alonzo altamirano altenwerth alva alvarado alvarez amador amaya anaya anderson andrews anguiano angulo ankunding aparicio apodaca aponte
aragon arana aranda arce archuleta arellano arenas arevalo arguello arias armas armendariz armenta armijo armstrong arnold arredondo arreola
arriaga arroyo arteaga atencio auer aufderhar austin avalos avila aviles ayala baca badillo baez baeza bahena bahringer bailey baker
balderas balistreri ballesteros banda banks banuelos barajas barela barnes barragan barraza barrera barreto barrientos barrios barrows
bartell bartoletti barton bashirian batista batz bauch baumbach bayer beahan beatty becerra bechtelar becker bednar beer beier bell beltran
benavides benavidez benitez bennett berge bergnaum bergstrom bermudez bernal bernhard bernier berrios berry betancourt bianchi bins bishop
black blanco blanda blick block bode boehm bogan bogisich bonilla borer borrego bosco botello botsford bowman boyd boyer boyle bradley
bradtke brakus braun bravo breitenberg brekke briones briseno brito brooks brown bruen bryant buckridge bueno bui burgos burke burns burton
bustamante bustos butler caballero caban cabrera cadena caldera calderon calvillo camacho camarillo campbell campos canales candelaria cano
cantu caraballo carbajal cardenas cardona carlson carmona carpenter carr carranza carrasco carrasquillo carreon carrera carrero carrillo
carrion carroll carter cartwright carvajal casanova casares casarez casas casillas casper cassin castaneda castellanos castillo castro
cavazos cazares ceballos cedillo ceja centeno cepeda cerda cervantes cervantez chacon champlin chang chapa chapman chavarria chavez chen cho
choi chowdhury christiansen cintron cisneros clark cohen cole coleman collado collazo collier collins colon colunga concepcion conn connelly
conroy considine contreras cook cooper cordero cordova corkery cormier cornejo corona coronado corral corrales correa cortes cortez corwin
cotto covarrubias cox crawford cremin crespo crist crona cronin crooks cruickshank cruz cuellar cummerata cummings cunningham curiel d'amore
dach dang daniel daniels dare daugherty davila davis day dean deckow delacruz delafuente delagarza delao delapaz delarosa delatorre deleon
delgadillo delgado delrio delvalle denesik desai diallo diaz dibbert dickens dicki dickinson dietrich dixon do dominguez dominquez donnelly
dooley douglas doyle duarte dubuque duenas duncan dunn duong duran durgan ebert echevarria edwards effertz elizondo elliott ellis emard
emmerich enriquez erdman ernser escalante escamilla escobar escobedo esparza espinal espino espinosa espinoza esposito esquibel esquivel
estevez estrada evans fadel fahey fajardo farias farrell fay feeney feest feil feliciano ferguson fernandez ferrari ferrer ferry fields
fierro figueroa fisher flatley flores florez fonseca ford foster fowler fox frami franco franecki franey franklin freeman frias friedman
friesen fritsch fuentes fuller funk gaitan galarza galindo gallardo gallegos galvan galvez gamboa gamez gaona garay garcia gardner garibay
garica garrett garrido garza gastelum gaytan george gerhold gerlach gibson gil gilbert giron gislason gleason gleichner glover godinez godoy
goldberg goldner gollum gomez gonzales gonzalez goodwin gorczany gordon gottlieb goyette gracia grady graham granado granados grant gray
green greene greenfelder greenholt griego griffin grijalva grimes guajardo guardado guerra guerrero guevara guillen gulgowski guo gupta
gurule gusikowski gutierrez gutkowski gutmann guzman haag hackett hagenes hahn haley hall halvorson hamill hamilton hammes han hand hane
hansen hanson harber haro harper harris harrison hart hartmann harvey hassan hauck hawkins hayes he heaney heathcote hegmann heidenreich
heller henderson henriquez henry heredia herman hermann hermiston hernadez hernandes hernandez herrera herzog hessel hettinger hickle hicks
hidalgo hill hilll hills hilpert hinojosa hintz hirthe ho hoang hodkiewicz hoeger hoffman holguin holmes homenick hoppe horvat howard howe
howell hu huang hudson huel huels huerta hughes huixtlacatl hunt hunter hurtado hussain hyatt ibarra iglesias irizarry ito ivanov iyer
jackson jacobi jacobs jacobson jaime jaimes jakubowski james jang jaquez jaramillo jaskolski jasso jast jenkins jensen jerde jimenez jiminez
johns johnson johnston jones jordan juarez jung jurado kamal kamat kanaria kanea kang kanimal kano kanzaki kaplan kara karam karan karem
karen kassulke katz kautzer keebler keeling kelley kelly kemmer kennedy kerluke kertzmann kessler khalid khan kiehn kihn kilback kim
kindelan king kirlin klein kling klocko knight kobayashi koch koelpin koenig koepp kohler konopelski korta kortajarena koss kovacek kowalski
kozey krajcik krasnova kreiger kris kshlerin kub kuhic kuhlman kuhn kulas kumar kunde kunze kuphal kutch kuvalis kuzmina kwon kyra labadie
laboy lakin lane lang langosh langworth lara larkin larson laureano lawrence lawson le leal leannon lebron lebsack ledesma ledner lee
leffler legros lehner leiva lemke lemus leon lerma lesch leuschke levy lewis leyva li lim limon lin linares lind lindgren lira littel little
liu llamas lockman loera lomeli long longoria lopez lovato lowe loya lozada lozano lubowitz lucas lucero lucio lueilwitz luettgen luevano
lugo luna ly lynch ma macejkovic macgyver macias madera madrid madrigal maestas magana maggio malave maldonado mann mante manzanares mares
marin marks marquardt marquez marrero marroquin marshall martin martinez marvin mascarenas mason mata mateo matias matos matthews maya mayer
mayert mayorga mcclure mccoy mccullough mcdermott mcdonald mcglynn mckenzie mclaughlin medhurst medina medrano mehta mejia melendez melgar
mena menchaca mendez mendoza menendez mensah meraz mercado merino mertz mesa metz meyer meza miller mills miramontes miranda mireles
mitchell moen mohamed mohr mojica molina monahan mondragon monroy montalvo montanez montano montemayor montenegro montero montes montez
montgomery montoya moore mora morales morar moreno morgan morissette morris morrison mosciski mota moya mraz mueller muller munguia muniz
munoz murazik murillo muro murphy murray myers nader najera nakamura nanez naranjo narvaez nava navarrete navarro nazario negrete negron
nelson nevarez ngo nguyen nichols nicolas nienow nieto nieves nikolaus nino nitzsche nolan noriega novak nowak nunez o'connell o'conner
o'hara o'keefe o'kon o'reilly oberbrunner obrien ocampo ocasio ochoa oh ojeda okafor okoye okuneva olivares olivarez olivas oliver olivera
olivo olmos olson olvera ondricka ontiveros oquendo ordonez orellana orn ornelas orosco orozco orta ortega ortiz osinski osman osorio otero
owens ozuna pabon pacheco pacocha padberg padilla padron paez pagac pagan palacios palmer palomino palomo pantoja paredes parisian park
parker parra partida patel patino patterson paucek payne paz pedraza pedroza pelayo pena perales peralta perea peres perez perkins perry
peters peterson petrov pfannerstill pfeffer pham phan phillips pichardo pierce pina pineda pizarro polanco pollich ponce porras porter
portillo posada pouros powell powlowski prado preciado predovic price prieto prohaska prosacco puente puga pulido purdy quesada quevedo
quezada quigley quinones quinonez quinta quintairos quintana quintanilla quintero quiros quiroz quitzon rael rahman ramirez ramon ramos
rangel rao rascon rath ratke rau ray raya raynor razo reddy reed regalado reichel reichert reid reilly reinger rempel rendon renner renteria
resendez reyes reyna reynolds reynoso rice richards richardson rico riley rincon riojas rios rippin ritchie rivas rivera rivero robel
roberts robertson robinson robledo robles rocha rodarte rodrigez rodriguez rodriquez rogahn rogers rohan rojas rojo roldan rolfson rolon
romaguera romano romero romo roob roque rosado rosales rosario rosas rose rosenbaum ross rossi rowe roybal rubio ruecker ruelas ruiz
runolfsdottir runolfsson runte russel russell russo rutherford ryan saavedra saenz saiz salas salazar salcedo salcido saldana saldivar
salgado salinas samaniego sanabria sanches sanchez sanders sandoval sanford santacruz santana santiago santillan santos sarabia sato
satterfield sauceda saucedo sauer sawayn schaden schaefer schamberger schiller schimmel schinner schmeler schmidt schmitt schneider schoen
schowalter schroeder schulist schultz schumm schuppe schuster schwartz scott sedillo segovia segura senger seo sepulveda serna serrano
serrato sevilla shah shanahan sharma shaw shields shin sierra silva simmons simonis simpson sims singh sipes sisneros skiles smith smitham
snyder solano solis soliz solorio solorzano soria sosa sotelo soto spencer spinka sporer stamm stanton stark stehr stephens steuber stevens
stewart stiedemann stokes stoltenberg stone stracke streich stroman strosin suarez sullivan sun suzuki swaniawski swift tafoya tamayo tamez
tanaka tapia taylor tejada tejeda tellez tello teran terrazas terry thiel thomas thompson tijerina tillman tirado toledo toro torp torphy
torres torrez tovar towne toy tran trantow traore trejo tremblay treutel trevino tromp trujillo tucker turcotte turner ulibarri ulloa
ullrich upton urbina urena urias uribe urrutia vaca valadez valdes valdez valdivia valencia valentin valenzuela valladares valle vallejo
valles valverde vandervort vanegas varela vargas vasquez vazquez vega vela velasco velasquez velazquez velez veliz venegas vera verdugo
verduzco vergara veum viera vigil villa villagomez villalobos villalpando villanueva villareal villarreal villasenor villegas vo volkman von
vonrueden vu waelchi wagner walker wallace walsh walter wang ward warren washington watanabe waters watkins watsica watson weaver webb weber
wehner weimann weissnat welch wells west wheeler white wiegand wilderman wilkinson will williams williamson willis willms wilson windler
wintheiser wisoky wisozk witting wiza wolf wolff wong wood woods wright wu wuckert wunsch wyman xacon xana xenia xiana xicoy xu yago
yamamoto yami yanes yanez yang ybarra yebra yoon yost young yundt yunta zabaleta zamarreno zamarripa zambrana zambrano zamora zamudio zapata
zaragoza zarate zavala zayas zboncak zelaya zemlak zepeda zhang zhao zhou ziemann zieme zulauf zuniga
`
    .trim()
    .split(/\s+/),
);
