import { terms } from './terms.ts';

/** Drugs whose names end as no other does, and brand names (generic stems: USAN, INN). */
export const drugs = terms(`
aspirin, tylenol, advil, motrin, aleve, ibuprofen, acetaminophen, naproxen, celebrex, celecoxib, meloxicam, tramadol, oxycodone, oxycontin, percocet, hydrocodone, vicodin, norco, codeine, morphine, hydromorphone, dilaudid, gabapentin, neurontin, pregabalin, lyrica, cyclobenzaprine, flexeril, baclofen, tizanidine, methocarbamol
metformin, glucophage, glipizide, glyburide, glimepiride, januvia, jardiance, farxiga, ozempic, wegovy, mounjaro, zepbound, trulicity, victoza, semaglutide, tirzepatide, lantus, humalog, novolog, basaglar, tresiba, lisinopril, losartan, amlodipine, norvasc, metoprolol, atenolol, carvedilol, hydrochlorothiazide, hctz, furosemide, lasix, spironolactone, clonidine, hydralazine, diltiazem, verapamil, nifedipine, entresto
lipitor, crestor, zocor, zetia, ezetimibe, niacin, warfarin, coumadin, eliquis, xarelto, pradaxa, plavix, brilinta, heparin, lovenox, digoxin, amiodarone, nitroglycerin, ranolazine, levothyroxine, synthroid, armour thyroid, methimazole, prednisone, prednisolone, medrol, dexamethasone, hydrocortisone, albuterol, ventolin, proair, symbicort, advair, flovent, spiriva, singulair, montelukast, flonase, zyrtec, claritin, allegra, benadryl, epinephrine
omeprazole, prilosec, nexium, protonix, pantoprazole, pepcid, famotidine, zofran, ondansetron, reglan, miralax, senna, imodium, cef*, amoxicillin, augmentin, penicillin, azithromycin, z-pak, zithromax, cephalexin, keflex, cefdinir, ciprofloxacin, cipro, levaquin, levofloxacin, doxycycline, bactrim, clindamycin, metronidazole, flagyl, nitrofurantoin, macrobid, vancomycin, valtrex, valacyclovir, acyclovir, tamiflu, paxlovid, fluconazole, diflucan, terbinafine
humira, enbrel, remicade, stelara, skyrizi, dupixent, cosentyx, keytruda, opdivo, herceptin, rituxan, avastin, taxol, cisplatin, carboplatin, doxorubicin, tamoxifen, arimidex, anastrozole, letrozole, gleevec, imbruvica, revlimid, methotrexate, hydroxychloroquine, plaquenil, azathioprine, mycophenolate, tacrolimus, cyclosporine, allopurinol, colchicine, alendronate, fosamax, prolia, keppra, levetiracetam, dilantin, phenytoin, topamax, topiramate, carbamazepine, tegretol, valproate, sumatriptan, imitrex, aimovig, sinemet, levodopa, carbidopa, donepezil, aricept, memantine, namenda
ambien, zolpidem, lunesta, melatonin, tamsulosin, flomax, finasteride, oxybutynin, myrbetriq, latanoprost, timolol, potassium chloride, folic acid, ferrous sulfate, iron infusion, vitamin d3, epogen, procrit, neulasta, insulin glargine, insulina, metformina, losartan, aspirina, ibuprofeno, amoxicilina, omeprazol, paracetamol, acetaminofen
`);

/** Stems that end a generic name; at least two letters before them. */
export const STEMS =
  /(?<![a-z0-9])(?![aA]pril)[a-z]{2,}(?:mab|[aeiou]pril|statin|sartan|olol|[a-z]azole|cillin|mycin|floxacin|cycline|prazole|tidine|dipine|gliptin|gliflozin|glutide|formin|tinib|zepam|zolam|oxetine|triptan|parin|xaban|clopidogrel|thiazide|semide|lukast|buterol|meterol|nisolone|methasone|caine|barbital|codone|morphone|setron|dronate|fibrate|conazole|ciclovir|cyclovir|tegravir|navir|buvir|platin|rubicin|taxel|mustine|sulfan|zosin|stigmine|profen|coxib|vaptan|ciclib|rafenib|lisib)(?![a-z0-9])/g;
/** Everyday words, places and names that end like drugs. */
export const NOT_DRUGS: ReadonlySet<string> = new Set(
  'april capri cocaine michaelcaine romaine chocaine performin reformin conformin informin platin caine leptocaine'.split(
    ' ',
  ),
);
