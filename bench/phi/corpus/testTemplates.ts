/** Texts that the rules were not made with: whoever changes a rule looks at the figures, not at which of these are missed. */
export const testPhi = `
could you ask {patient} to ring us back on {phone}
re {patient}: potassium back, {lab}, doctor wants a repeat {date}
Good afternoon {first}. Dr said to stop {drug} and start {dose} tonight
we faxed the chart to {phone} and mailed a copy to {address}
{patient} ({dob}) is cleared for {procedure}
Hello, is this the right email for you? {email}
The plan wants prior authorization, policy number {plan}
Can you read me the last digits, we have social security {ssn}
your chart number is {mrn}, keep it handy
Your husband {relative} asked us for your {procedure} date
{first} - {specialty} has an opening {date} if you want it
we refunded ${'$'}40 to {card}
The pharmacy says {drug} needs approval because of {condition}
billing code {icd} was rejected
{last}, {first} no show {date}
Member {mbi} is active since {date}
Please pick up the form for {patient} at the window
Your visit summary: {url}
he turned up in a truck, plate {plate}, VIN {vin}
Mr {last} would like a call about his {condition}
She lives at {address} in {city}, zip {zip}
our nurse saw that {patient}'s {lab}
Prescriber DEA is {dea} and NPI is {npi}
invoice for acct # {account} goes out {date}
device id {udi} was recalled
dad is {age}, can he still drive himself
someone signed in from {ip}, was that you
serial number {serial} on your monitor please
{first}, the {substance} group moved to {date}
the {hiv} nurse will call you back
do you still want the {mental} referral
we can do the {reproductive} visit {date}
Bring {minor} in for the shot {date}
you can talk to us about {violence} any time
`
  .trim()
  .split('\n');

export const testClean = `
Good morning {first}, just confirming {ownDate} at {ownTime} with us. Text 1 if that still works.
You are booked for {ownDate} {ownTime} at {ownPractice}. Questions? {ownPhone}
Hey {first}, we had a cancellation {ownDate} at {ownTime}, would you like it?
We have you down for {ownTime} on {ownDate}. Let us know if anything changes.
Dear {first}, Dr. {ownDoctor} is out sick, can we move you to {ownDate}?
No worries, take your time
The elevator is broken, please use the stairs by the north entrance
Our hours are 8 to 5 on weekdays
I am going to check and get back to you shortly
Could you please ring the front desk at {ownPhone}?
Please wear a mask in the waiting room
We validate parking, bring your ticket inside
Someone from our team will call you this afternoon
{ownPractice} will be closed for the holiday. Back on {ownDate}.
Got it, thank you for letting us know!
You can use the door code at the side entrance
Your message was received, we will answer within one business day
Please reply 1 to confirm {ownDate} or 2 to choose another day
Find us at {ownPlace}, next to the library
Forms are online at {ownLink}
Thanks {first}, you're all set for {ownDate}
Sorry for the wait, we are ready for you now
Recordatorio: cita el {ownDate} a las {ownTime} en {ownPractice}. Responda 1 para confirmar.
Maria from the front desk will help you with the paperwork
`
  .trim()
  .split('\n');
