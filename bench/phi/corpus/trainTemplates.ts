/** Texts that the rules were made with. `{first}` is the patient's first name, `{own}` the practice's own things; every other slot is PHI. */
export const trainPhi = `
Patient {patient} called about {drug} refill, call back at {phone}
Hi {first}, your {lab}. Please come in {date}.
{patient} DOB {dob} needs a {procedure} on {date}
We got the biopsy report for {patient}, MRN {mrn}
Please verify your SSN {ssn} before the visit
Your insurance member ID {plan} was not accepted
Send records to {email} or fax {phone}
I still have your address as {address}, is that right?
{first}, we moved your visit with {specialty} to {date}
Card {card} was declined for your copay
Mrs. {last} is here for her {procedure}
Take {drug} {dose} and call if worse
Your results are at {url}
Medicare number {mbi} on file for {patient}
dx {icd} for pt {patient}
Your mom {relative} is out of surgery
the car with plate {plate} is blocking the ambulance bay
VIN {vin} is on the claim form
Please confirm: {patient}, born {dob}, {address}, {city} {zip}
account {account} is past due
She is {age} and lives alone
Provider NPI {npi}, DEA {dea}
Pump serial {serial} needs a battery
implant card says {udi}
The portal login came from {ip}
{first} we have your {condition} paperwork
Our records show {turned} missed {date}
is {phone} still your number?
Tell {relative} the {procedure} went fine
your {substance} appointment is confirmed
{hiv} results are back, call us
See {mental} on {date}
Your {reproductive} visit is {date}
{minor} is due for a checkup
the {violence} advocate will call you
`
  .trim()
  .split('\n');

export const trainClean = `
Hi {first}, this is a reminder of your appointment on {ownDate} at {ownTime}. Reply 1 to confirm.
{ownPractice}: your appointment is {ownDate} at {ownTime}. Call {ownPhone} to reschedule.
Hello {first}, please arrive 15 minutes early on {ownDate}.
{first}, you have an appointment with Dr. {ownDoctor} {ownDate} at {ownTime}
We are running about 20 minutes behind today, sorry!
Yes, we are open until 5 pm
Please call our office at {ownPhone}
Parking is free in the garage behind the building
You can fill out the forms at the front desk
Thanks, see you then!
Hi {first}, did you get our message? Please call {ownPhone} when you can.
We are closed on Thanksgiving and the day after.
Please bring your insurance card and a photo ID.
This is Kelly from {ownPractice}. Please give us a call back at {ownPhone}.
Our office is at {ownPlace}, second floor.
You can find our forms at {ownLink}
Ok, I will let the doctor know you called.
Sorry we missed you. Would next week work better?
{ownPractice} reminder: {ownDate}, {ownTime}. Reply 1 to confirm, 2 to reschedule. Reply STOP to opt out.
Hola {first}, su cita es el {ownDate} a las {ownTime}
`
  .trim()
  .split('\n');
