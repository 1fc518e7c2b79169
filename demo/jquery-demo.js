/* Written the way such pages are written: no build, no modules. */
function log(text) {
  $('#log').append(document.createTextNode(new Date().toLocaleTimeString() + '  ' + text + '\n'));
}

$(document).on('rtc-state-change', 'rtc-call', function (event) {
  log('state: ' + event.originalEvent.state);
});
$(document).on('rtc-joined', 'rtc-call', function () {
  log('You are in.');
});
$(document).on('rtc-left', 'rtc-call', function (event) {
  log('You are out (' + event.originalEvent.reason + ').');
});
$(document).on('rtc-participant-joined', 'rtc-call', function (event) {
  log((event.originalEvent.participant.name || 'Somebody') + ' came.');
});
$(document).on('rtc-participant-left', 'rtc-call', function (event) {
  const left = event.originalEvent;
  log((left.participant.name || 'Somebody') + ' went (' + left.reason + ').');
});
$(document).on('rtc-error', 'rtc-call', function (event) {
  log('error: ' + event.originalEvent.error.message);
});
