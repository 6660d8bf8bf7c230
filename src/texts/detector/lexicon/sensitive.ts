/**
 * What never goes by SMS. Substance use: 42 CFR Part 2. The rest: what state laws protect beyond HIPAA, or what endangers somebody when another
 * person reads the phone.
 */
import { terms } from './terms.ts';

export const substanceUse = terms(`
substance use, substance abuse, substance misuse, substance disorder, addict*, opioid*, opiate*, heroin, cocaine, crack pipe, fentanyl, meth, methamphetamine*, crystal meth
methadone, suboxone, subutex, sublocade, brixadi, zubsolv, buprenorphine, naltrexone, vivitrol, naloxone, narcan, lofexidine, disulfiram, antabuse, acamprosate, campral
alcoholi*, alcohol use, alcohol abuse, alcohol problem, alcohol treatment, alcohol withdrawal, drinking problem, binge drinking, heavy drinking, aud program, oud
detox*, sober*, sobriety, relapse*, rehab, rehabs, rehab center, drug rehab, inpatient rehab, halfway house, sober living, recovery program, recovery group, recovery meeting, in recovery
aa meeting*, na meeting*, twelve step*, 12 step*, narcotics anonymous, alcoholics anonymous, mat program, mat clinic, medication assisted treatment, needle exchange, syringe exchange
drug use, drug abuse, drug problem, drug test*, drug screen*, urine drug, uds, tox screen, toxicology, dirty urine, clean urine, positive for drugs, cannabis use, marijuana use, pill mill
overdose*, overdosing, od'd, withdrawal symptoms, withdrawals, cravings, injecting, iv drug, drug court, dui program, dui class, benzo abuse, kratom
addiction, addicted, alcoholic, alcoholism
adiccion*, adicto*, drogadicc*, drogas, alcoholismo, alcoholico*, metadona, sobredosis, desintoxicacion, abuso de sustancias, recaida
`);

export const hiv = terms(`
hiv, hiv/aids, hivaids, human immunodeficiency, antiretroviral*, anti-retroviral*, haart, t cell count, viral load, cd4, cd4 count, seropositiv*, sero-positive, undetectable status, poz
truvada, descovy, biktarvy, genvoya, stribild, triumeq, dovato, tivicay, isentress, prezista, prezcobix, symtuza, atripla, complera, odefsey, juluca, cabenuva, apretude, rukobia, sunlenca, yeztugo
zidovudine, azt, emtricitabine, tenofovir, dolutegravir, bictegravir, raltegravir, darunavir, efavirenz, rilpivirine, cabotegravir, lenacapavir
ryan white, prep clinic, on prep, prep refill, prep prescription, prep medication*, pep treatment, post exposure prophylaxis, pre exposure prophylaxis, pcp pneumonia, kaposi*
vih, vih/sida, prueba del vih, carga viral
`);

export const mentalHealth = terms(`
mental health, mental illness, mental hospital, mentally ill, behavioral health, behavioural health, psych, psych ward, psych eval*, psych unit, psych meds, psychiatr*, psycholog*, psychother*, psychos*, psychotic
depress*, antidepress*, anti-depress*, anxiety, anxious, panic attack*, panic disorder, bipolar, manic, mania, schizo*, schizoaffective, paranoi*, hallucinat*, delusion*, hearing voices, dissociat*
suicid*, self harm*, selfharm*, self-injur*, cutting yourself, cut yourself, hurt yourself, hurting yourself, harm yourself, kill yourself, kill herself, kill himself, want to die, end your life, safety plan, crisis line
ptsd, adhd, add meds, ocd, autis*, asperger*, tourette*, borderline personality, personality disorder, mood disorder, mood stabilizer*, trauma therapy, emdr, cbt session*, dbt group, dbt skills, phq 9, phq9, gad 7, gad7
counsel*, therapy session*, talk therapy, your therapist, group therapy, family therapy, couples therapy, marriage therapy, grief therapy, eating disorder*, anorexi*, bulimi*, binge eating, insomnia therapy
schizophrenia, schizophrenic, psychiatrist, psychiatric, psychiatry, psychologist, psychology, depression, depressed, hallucinations, counseling, counselor, suicidal, suicide
ssri*, snri*, fluoxetine, prozac, sertraline, zoloft, escitalopram, lexapro, citalopram, celexa, paroxetine, paxil, venlafaxine, effexor, duloxetine, cymbalta, bupropion, wellbutrin, mirtazapine, remeron, trazodone
lithium, seroquel, quetiapine, abilify, aripiprazole, risperid*, risperdal, olanzapine, zyprexa, clozapine, clozaril, haloperidol, haldol, ziprasidone, geodon, lurasidone, latuda, invega, paliperidone, vraylar, rexulti, caplyta, lamictal, depakote
xanax, alprazolam, klonopin, clonazepam, ativan, lorazepam, valium, diazepam, buspirone, buspar, hydroxyzine, adderall, ritalin, methylphenidate, vyvanse, concerta, strattera, atomoxetine, spravato, ketamine, electroconvulsive, tms therapy
salud mental, depresion, deprimid*, ansiedad, psiquiatr*, psicolog*, suicidi*, esquizofrenia, terapia de pareja, consejeria, crisis nerviosa
`);

export const reproductive = terms(`
pregnancy, pregnant, miscarriage, abortions, gynecologist, gynecology, obstetrician, contraceptive, contraception, ultrasound of your baby, hysterectomy, fertility, infertility, menopause, vasectomy
pregnan*, abortion*, abort, miscarr*, stillb*, ectopic, prenatal, pre-natal, antenatal, postpartum, post-partum, perinatal, obstetric*, ob, ob/gyn, obgyn, ob-gyn, gyn, gyne*, gynaecolog*, midwi*, doula, maternity, maternal fetal, fetal, fetus, foetus
trimester*, gestation*, sonogram*, nuchal, amnio*, c section, c-section, cesarean, caesarean, labor and delivery, l&d, in labor, contractions, breastfeed*, breast feeding, lactation*, weeks along, your baby, the baby, ultrasound of the baby, 20 week scan
contracep*, birth control, the pill, morning after pill, plan b, emergency contraception, iud, nexplanon, mirena, kyleena, depo shot, depo-provera, nuvaring, tubal*, tubes tied, vasectom*, steriliz*, condom*, diaphragm fitting
fertil*, infertil*, ivf, iui, egg retrieval, egg freezing, embryo*, sperm, semen, ovulat*, clomid, letrozole cycle, surroga*, follicle*, hcg, beta hcg, mifepristone, mifeprex, misoprostol, cytotec, methotrexate for ectopic
pap, pap smear*, pap test*, cervi*, colposcop*, leep, hpv, hysterectom*, d&c, d and c, dilation and, endometri*, fibroid*, pcos, polycystic, ovar*, uter*, vagin*, vulv*, menstru*, missed period, your period, menopaus*, hot flashes, pelvic exam*, pelvic floor, planned parenthood
std, stds, std test*, sti, stis, sti test*, sexually transmitted, sexual health, chlamydia, gonorrh*, syphilis, herpes, genital*, trichomon*, partner notification, erectile*, impoten*, viagra, cialis, sildenafil, tadalafil, libido, transgender, gender affirming, gender clinic, hormone therapy, testosterone shots, estrogen
embaraz*, aborto*, anticoncept*, ginecolog*, obstetr*, parto, prenatal, partera, lactancia, fertilidad, menstruacion, papanicolau, enfermedad venerea
`);

const OWNER = '(?:your|his|her|their|my|our|the|ur)';
const CHILD =
  '(?:son|daughter|child|children|kid|kids|baby|babies|toddler|infant|newborn|teen|teenager|teens|boy|girl|little one|minor|grandson|granddaughter|stepson|stepdaughter|foster child)';

/** Of children as patients; "children's menu" and "childcare" are not. */
export const minors = terms(`
${OWNER.slice(3, -1)
  .split('|')
  .flatMap((owner) =>
    CHILD.slice(3, -1)
      .split('|')
      .map((child) => `${owner} ${child}`),
  )
  .join(', ')}
pediatr*, paediatr*, peds, well child, well baby, well-child visit, neonat*, nicu, picu, kindergarten physical, school physical, sports physical, camp physical, school nurse, minor patient, underage, adolescent*, juvenile, custody, child protective, cps report, foster care
pediatrics, pediatrician, pediatric
tu hijo, tu hija, su hijo, su hija, su bebe, tu bebe, el bebe, la nina, el nino, menor de edad, pediatr*
`);

export const partnerViolence = terms(`
domestic violence, domestic abuse, domestic dispute, partner violence, intimate partner, dating violence, ipv, abusive, abuser*, abused, abuse victim*, abuse hotline, being abused, physical abuse, sexual abuse, emotional abuse, verbal abuse, child abuse, elder abuse, battered, batterer*, battering
restraining order*, protective order*, protection order*, order of protection, women's shelter, womens shelter, dv shelter, dv advocate, victim advocate, victim services, survivor advocate, safe house, safehouse, safe at home, unsafe at home, feel safe with, afraid of him, afraid of her, afraid of your
hits you, hit you, hitting you, beats you, beat you, beating you, choked you, choking you, hurts you, hurt you, hurting you, threatens you, threatened you, forced you, forces you, controls you, stalk*, strangl*, strangul*
rape, raped, rapist, rape kit, sexual assault*, sexually assaulted, assault exam, assault survivor, sane exam, sane nurse, forensic exam, sex traffick*, human traffick*, trafficking, molest*, incest
violencia domestica, violencia de genero, violencia familiar, maltrat*, golpea, abuso sexual, violacion, orden de proteccion, casa segura
`);
