; clean.lisp - lists, closures and recursion, and no ring among them
;
; Global functions are found through the global scope, which the interpreter
; empties when it ends.

(define (map f items)
  (if (null? items)
      '()
      (cons (f (car items)) (map f (cdr items)))))

(define (range from to)
  (if (< from to) (cons from (range (+ from 1) to)) '()))

(define (factorial n)
  (if (< n 2) 1 (* n (factorial (- n 1)))))

(define (make-counter)
  (let ((n 0))
    (lambda ()
      (set! n (+ n 1))
      n)))

(define (count-down n)
  (if (= n 0) 'lift-off (count-down (- n 1))))

(define counter (make-counter))
(counter)
(counter)
(print "counted" (counter))
(print (map factorial (range 1 8)))
(print (map (lambda (x) (list x (* x x))) '(1 2 3)))
(print (count-down 1000))
(print (cons 1 2) (not #f) counter)
