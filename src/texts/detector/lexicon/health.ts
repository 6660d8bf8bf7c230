/** Words that tell that somebody is or was ill, examined, treated or billed. */
import { terms } from './terms.ts';

export const conditions = terms(`
diagnos*, disease*, disorder*, syndrome*, chronic, terminal, prognos*, malignan*, benign, tumor*, tumour*, cancer*, carcino*, lymphoma*, leukemi*, leukaemi*, melanoma*, sarcoma*, myeloma*, metasta*, neoplasm*, oncolog*, remission
diabet*, prediabet*, pre-diabet*, hypertens*, high blood pressure, low blood pressure, cholesterol, hyperlipid*, triglycerid*, obes*, overweight, asthma*, copd, emphysema, bronchitis, pneumonia*, tubercul*, tb test, covid*, influenza, flu positive, the flu, strep, mono
heart attack*, heart failure, heart condition, heart disease, chf, cardiac, cardio*, arrhythmi*, afib, a-fib, atrial fib*, angina, stroke*, tia, aneurysm*, embol*, thrombo*, dvt, blood clot*, anemi*, anaemi*, sickle cell, hemophil*, bleeding disorder
kidney*, renal, dialysis, gallstone*, gallbladder, hepat*, liver, cirrho*, jaundice, pancrea*, ulcer*, crohn*, coliti*, ibs, ibd, diverticul*, gerd, reflux, celiac, hernia*, hemorrhoid*, appendic*, colon, polyp*, prostate*, bladder, incontinen*, uti, urinary tract
arthrit*, rheumat*, lupus, gout, osteopor*, osteoarth*, fractur*, broken bone*, broken arm, broken leg, broken hip, sprain*, torn ligament, torn meniscus, acl, rotator cuff, scolio*, sciatica, herniat*, slipped disc, fibromyalg*, back pain, chest pain, knee pain
epilep*, seizur*, migrain*, parkinson*, alzheimer*, dementia*, multiple sclerosis, neuropath*, concuss*, brain bleed, mening*, encephal*, palsy, als, neurolog*, vertigo, memory loss, thyroid*, hypothyroid*, hyperthyroid*, graves disease, addison*, cushing*
infect*, sepsis, septic, cellulitis, abscess*, mrsa, staph, shingles, pneumonitis, rash, eczema, psoria*, dermatitis, hives, acne, mole, lesion*, biops*, glaucoma, cataract*, macular, retina*, retinopathy, hearing loss, tinnitus, sleep apnea, insomnia, allerg*, anaphyla*
diabetes, diabetic, hypertension, pneumonia, asthmatic, arthritis, migraine, migraines, epilepsy, seizures, dementia, meniscus, infection, hepatitis, leukemia, lymphoma, melanoma, diagnosis, diagnosed, symptoms, bleeding, allergic, cardiology
symptom*, fever, vomit*, nausea*, diarrhea, constipat*, dizz*, faint*, swelling, swollen, bleeding, bruis*, numbness, wheez*, shortness of breath, cough*, wound*, stitches, sutures, incision*, scar, pain level, in pain, painful, itching, discharge, stool*, urine, pus
diabetes, hipertension, presion alta, colesterol, asma, cancer, tumor, enfermedad*, diagnostico*, infeccion*, sangre, sangrado, fiebre, dolor, embolia, derrame, rinon*, higado, corazon, pulmon*, tiroides, artritis, alergia*, sintoma*, herida*, vomito*
`);

export const treatment = terms(`
surger*, surgic*, operat* on, operation on, your operation, preop, pre-op, pre op, postop, post-op, post op, anesthes*, anaesthes*, procedure*, transplant*, implant*, bypass, stent*, pacemaker*, catheter*, angiogra*, angioplast*, ablation, amputat*, mastectom*, lumpectom*, appendectom*, tonsill*, arthroscop*, laparoscop*, knee replacement, hip replacement, joint replacement, skin graft, biopsy, excision
colonoscop*, endoscop*, cystoscop*, bronchoscop*, sigmoidoscop*, egd, bowel prep, mammogra*, ultrasound*, x-ray*, xray*, x ray*, mri, ct scan*, cat scan*, pet scan*, ct of, dexa*, bone density, bone scan, ekg, ecg, eeg, emg, echo, echocardiogram, holter, stress test*, spirometr*, sleep study, scan results, imaging results, radiolog*
chemo*, radiation therapy, radiation treatment*, radiotherap*, immunotherap*, infusion*, transfusion*, dialysis, physical therap*, occupational therap*, speech therap*, respiratory therap*, wound care, hospice, palliative, home health, rehab*, cardiac rehab, oxygen tank, inhaler*, nebulizer*, cpap, insulin*, epipen, injection*, cortisone shot*, botox, allergy shot*, b12 shot*, flu shot*, vaccin*, immuniz*, booster, shingrix, tetanus shot
chemotherapy, colonoscopy, mammogram, radiology, prescription, prescribed, medication, medications, medicine, antibiotics, vaccine, vaccination, surgeon, transplant, anesthesia, biopsies, endoscopy, pathology, injections, pharmacist
prescri*, rx, refill*, medication*, medicin*, meds, dose, doses, dosage, dosing, tablet*, capsule*, pill, pills, pharmac*, antibiotic*, steroid*, painkiller*, pain meds, blood thinner*, blood pressure med*, statin*, otc, over the counter, side effect*, taper, discontinu*, drug interaction*
lab result*, lab work*, labwork, labs, lab test*, lab order*, test result*, your result*, results are, results came, results of, results show*, blood work*, bloodwork, blood test*, blood draw*, blood sugar, blood count, blood pressure, urine test*, urine sample, urinalysis, stool sample, culture, throat swab, swab, biopsy result*, patholog*, came back positive, came back negative, tested positive, tested negative, test positive, test negative, test came back, abnormal, out of range, elevated
admitted, admission, hospitaliz*, discharged, discharge instructions, discharge summary, icu, er visit, emergency room, ambulance, referral*, referred to, specialist, treatment*, therapy, therapies, care plan, follow up care, fasting, npo, nothing by mouth, medical record*, chart, health condition, medical condition, medical history, clinical trial, immune, intubat*, ventilator, dnr, prior auth*
cirugia, operacion, receta*, medicamento*, medicina*, pastilla*, dosis, vacuna*, tratamiento*, resultado*, analisis, radiografia, quimio*, farmacia, inyeccion*, inyectar, insulina, terapia, ecografia
`);

/** Kinds of doctors and departments: where somebody goes tells what they have. */
export const specialties = terms(`
oncolog*, cancer center, cancer clinic, cancer institute, tumor board, hematolog*, cardiolog*, heart center, heart clinic, heart institute, vascular, pulmon*, lung center, gastro*, gi clinic, digestive, hepatolog*, liver center, nephrolog*, kidney center, dialysis center, urolog*, endocrin*, diabetes center, diabetes clinic, rheumatolog*, neurolog*, neurosurg*, spine center, stroke center, memory clinic, memory center
dermatolog*, skin center, ophthalmolog*, retina center, otolaryng*, ent clinic, audiolog*, orthop*, sports medicine, podiatr*, plastic surg*, bariatric*, weight loss, pain clinic, pain management, pain center, infectious disease*, wound center, burn center, transplant center, allergy clinic, immunolog*, geriatr*, hospice, sleep center, breast center, women's health, womens health, men's health, std clinic, travel clinic, infusion center, radiation oncology, genetic*
oncology, oncologist, cardiology, cardiologist, urology, urologist, neurology, neurologist, nephrology, rheumatology, dermatology, dermatologist, gastroenterology, endocrinology, orthopedic, orthopedics
cardiolog*, oncolog*, dermatolog*, neurolog*, urolog*, nefrolog*, gastroenterolog*, endocrinolog*, traumatolog*
`);

/** Payment (45 CFR 164.501): an amount, what is owed, who pays. That a card be brought along is not. */
export const payment = terms(`
balance due, past due, amount due, outstanding balance, unpaid balance, account balance, your balance, your bill, your statement, medical bill*, invoice, overdue, collections, collection agency, payment plan, copay of, copay is, deductible, coinsurance, co-insurance, claim denied, claim was, your claim, denied your, denied by, not covered, out of network, out-of-network, eob, explanation of benefits, charged for, medicaid, medicare, tricare, bcbs, blue cross, aetna, cigna, humana, unitedhealth*, kaiser, financial assistance, charity care, su saldo, su factura, su cuenta
`);
