# An SMSC on Net::SMPP (Debian package libnet-smpp-perl) for one ESME: says its port, delivers a text of two parts after the bind, takes every
# submit_sm with a hexadecimal id and reports it delivered by the decimal one. Each line of the output is a word and what it has to say.
use strict;
use warnings;
use Net::SMPP;

$| = 1;
my $server = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34, timeout => 60) or die "no server: $!";
print 'port ', $server->sockport, "\n";
my $esme = $server->accept or die "nobody came: $!";
my $count = 0xabc0;
my @phone = (source_addr_ton => 1, source_addr_npi => 1, source_addr => '12125550142',
  dest_addr_ton => 1, dest_addr_npi => 1, destination_addr => '12125550100');

while (my $pdu = $esme->read_pdu) {
  my $command = $pdu->{cmd};
  if ($command == 0x09) {
    print "bind $pdu->{system_id} $pdu->{password} ", sprintf('%02x', $pdu->{interface_version}), "\n";
    $esme->bind_transceiver_resp(system_id => 'NETSMPP', seq => $pdu->{seq});
    my $number = 0;
    for my $part ('My knee is swollen again, ', 'can I come today?') {
      $number += 1;
      $esme->deliver_sm(@phone, esm_class => 0x40, short_message => pack('C6', 5, 0, 3, 77, 2, $number) . $part, async => 1);
    }
  } elsif ($command == 0x04) {
    $count += 1;
    print "submit $pdu->{destination_addr} $pdu->{esm_class} $pdu->{data_coding} ", unpack('H*', $pdu->{short_message}), "\n";
    $esme->submit_sm_resp(message_id => sprintf('%08X', $count), seq => $pdu->{seq});
    $esme->deliver_sm(@phone, esm_class => 0x04,
      short_message => "id:$count sub:001 dlvrd:001 submit date:2611282240 done date:2611282241 stat:DELIVRD err:000 text:", async => 1);
  } elsif ($command == 0x80000005) {
    print "answered $pdu->{status}\n";
  } elsif ($command == 0x15) {
    $esme->enquire_link_resp(seq => $pdu->{seq});
  } elsif ($command == 0x06) {
    $esme->unbind_resp(seq => $pdu->{seq});
    print "unbound\n";
    exit 0;
  }
}
